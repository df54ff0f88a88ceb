import Workflow
import YCRDT

/// Random workflows and what importers do to them. Values come from small pools, so that both sides often do the same.
struct RandomWorkflow<R: RandomNumberGenerator> {
  var random: R
  var text = UniqueText()

  static var jobIDs: [String] { (1...7).map { "job-\($0)" } }
  static var triggerIDs: [String] { (1...3).map { "trigger-\($0)" } }
  static var edgeIDs: [String] { (1...8).map { "edge-\($0)" } }

  init(_ random: R) {
    self.random = random
  }

  mutating func pick<T>(_ values: [T]) -> T { values.randomElement(using: &random)! }
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func content() -> WorkflowContent {
    var content = WorkflowContent(
      id: "w", name: pick(["Intake", "Sync"]), concurrency: pick([nil, 1, 5]), enableJobLogs: pick([nil, true, false]))
    for id in Self.jobIDs where chance(50) { content.jobs.append(job(id)) }
    for id in Self.triggerIDs where chance(50) { content.triggers.append(trigger(id, in: content)) }
    for id in Self.edgeIDs where chance(50) { addEdge(id, to: &content) }
    for id in content.jobs.map(\.id) + content.triggers.map(\.id) where chance(60) { move(id, in: &content) }
    return content
  }

  mutating func job(_ id: String) -> Job {
    var job = Job(id: id, name: pick(names), body: text.make(length: pick([0, 1, 5, 12])), adaptor: pick(adaptors))
    setCredential(of: &job)
    return job
  }

  mutating func trigger(_ id: String, in content: WorkflowContent) -> Trigger {
    Trigger(
      id: id, type: pick(["webhook", "cron", "kafka"]), enabled: chance(50), cronExpression: pick([nil, "0 0 * * *"]),
      cronCursorJobID: content.jobs.isEmpty || chance(60) ? nil : pick(content.jobs.map(\.id)),
      webhookReply: pick([nil, "before_start"]), customPath: pick([nil, "hook"]), kafkaConfiguration: configuration(),
      webhookResponseConfig: pick([nil, ["status": 201], ["status": 200, "body": ["kind": "json"]]]))
  }

  private mutating func configuration() -> JSONValue? {
    pick([
      nil, ["group_id": "a", "ssl": true], ["group_id": "b", "ssl": true, "connect_timeout": 30],
      ["group_id": "a", "ssl": false, "sasl": "plain", "connect_timeout": 10],
    ])
  }

  mutating func addEdge(_ id: String, to content: inout WorkflowContent) {
    guard content.edges.allSatisfy({ $0.id != id }), !content.jobs.isEmpty else { return }
    var edge = Edge(id: id, conditionType: pick(conditions), enabled: chance(80))
    connect(&edge, in: content)
    content.edges.append(edge)
  }

  mutating func connect(_ edge: inout Edge, in content: WorkflowContent) {
    edge.targetJobID = pick(content.jobs.map(\.id))
    (edge.sourceJobID, edge.sourceTriggerID) = (nil, nil)
    if !content.triggers.isEmpty, chance(40) {
      edge.sourceTriggerID = pick(content.triggers.map(\.id))
    } else {
      edge.sourceJobID = pick(content.jobs.map(\.id))
    }
  }

  mutating func move(_ node: String, in content: inout WorkflowContent) {
    let places: [JSONValue] = [["x": 0, "y": 0], ["x": 10, "y": 20], ["x": .number(1.5), "y": 2]]
    var positions = content.positions ?? [:]
    positions[node] = chance(15) ? nil : pick(places)
    content.positions = positions.isEmpty ? nil : positions
  }

  private var names: [String] { ["Fetch", "Map", "Load"] }
  private var adaptors: [String?] { [nil, "http@1", "http@2"] }
  private var conditions: [String] { ["always", "on_job_success", "js_expression"] }

  private mutating func setCredential(of job: inout Job) {
    (job.projectCredentialID, job.keychainCredentialID) = pick([(nil, nil), ("p1", nil), ("p2", nil), (nil, "k1")])
  }

  // MARK: Changes

  /// One change as an import would make it, consistent like rows are. `live` is what the document shows: at times an
  /// importer comes to the same.
  mutating func importChange(_ content: inout WorkflowContent, live: WorkflowContent) {
    switch Int.random(in: 0..<15, using: &random) {
    case 0: content.name = pick(["Intake", "Sync", "Export"])
    case 1: content.concurrency = pick([nil, 1, 2, 5])
    case 2: content.enableJobLogs = pick([nil, true, false])
    case 3, 4: changeJob(&content)
    case 5, 6: changeText(&content)
    case 7:
      let id = pick(Self.jobIDs)
      if content.jobs.allSatisfy({ $0.id != id }) {
        content.jobs.append(live.jobs.first { $0.id == id && chance(50) } ?? job(id))
      }
    case 8:
      if !content.jobs.isEmpty, chance(60) { content.remove(node: pick(content.jobs.map(\.id))) }
    case 9: changeTrigger(&content)
    case 10:
      let id = pick(Self.triggerIDs)
      if content.triggers.contains(where: { $0.id == id }) {
        content.remove(node: id)
      } else {
        content.triggers.append(trigger(id, in: content))
      }
    case 11: changeEdge(&content)
    case 12:
      if content.edges.isEmpty || chance(60) {
        addEdge(pick(Self.edgeIDs), to: &content)
      } else {
        content.edges.remove(at: Int.random(in: content.edges.indices, using: &random))
      }
    case 13:
      let nodes = content.jobs.map(\.id) + content.triggers.map(\.id)
      if !nodes.isEmpty { move(pick(nodes), in: &content) }
    default: adopt(from: live, into: &content)
    }
  }

  private mutating func changeJob(_ content: inout WorkflowContent) {
    guard let index = content.jobs.indices.randomElement(using: &random) else { return }
    switch Int.random(in: 0..<3, using: &random) {
    case 0: content.jobs[index].name = pick(names)
    case 1: content.jobs[index].adaptor = pick(adaptors)
    default: setCredential(of: &content.jobs[index])
    }
  }

  private mutating func changeText(_ content: inout WorkflowContent) {
    guard let index = content.jobs.indices.randomElement(using: &random) else { return }
    content.jobs[index].body = text.edited(content.jobs[index].body, edits: pick([1, 1, 2, 4]), using: &random)
  }

  private mutating func changeTrigger(_ content: inout WorkflowContent) {
    guard let index = content.triggers.indices.randomElement(using: &random) else { return }
    let other = trigger(content.triggers[index].id, in: content)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: content.triggers[index].type = other.type
    case 1: content.triggers[index].enabled = other.enabled
    case 2:
      content.triggers[index].cronCursorJobID = other.cronCursorJobID
      content.triggers[index].comment = pick([nil, "nightly", "for the audit"])
    case 3: content.triggers[index].kafkaConfiguration = other.kafkaConfiguration
    case 4: content.triggers[index].webhookResponseConfig = other.webhookResponseConfig
    default: content.triggers[index].cronExpression = pick([nil, "0 0 * * *", "5 * * * *"])
    }
  }

  private mutating func changeEdge(_ content: inout WorkflowContent) {
    guard let index = content.edges.indices.randomElement(using: &random) else { return }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: content.edges[index].conditionType = pick(conditions)
    case 1: content.edges[index].conditionLabel = pick([nil, "a", "b"])
    case 2: content.edges[index].enabled.toggle()
    default: connect(&content.edges[index], in: content)
    }
  }

  /// Comes to what the document has, in one place.
  private mutating func adopt(from live: WorkflowContent, into content: inout WorkflowContent) {
    guard let index = content.jobs.indices.randomElement(using: &random) else { return }
    if let other = live.jobs.first(where: { $0.id == content.jobs[index].id }) {
      content.jobs[index] = chance(50) ? other : content.jobs[index].with(body: other.body)
    }
    if let other = live.triggers.first(where: { $0.id == pick(Self.triggerIDs) }),
      other.cronCursorJobID.map({ id in content.jobs.contains { $0.id == id } }) ?? true,
      let index = content.triggers.firstIndex(where: { $0.id == other.id })
    {
      content.triggers[index] = other
    }
    content.name = live.name
  }
}

extension Job {
  fileprivate func with(body: String) -> Job {
    var job = self
    job.body = body
    return job
  }
}

extension WorkflowContent {
  /// Removes a job or a trigger with its edges and its position, and what else refers to it.
  mutating func remove(node id: String) {
    jobs.removeAll { $0.id == id }
    triggers.removeAll { $0.id == id }
    edges.removeAll { $0.sourceJobID == id || $0.targetJobID == id || $0.sourceTriggerID == id }
    for index in triggers.indices where triggers[index].cronCursorJobID == id { triggers[index].cronCursorJobID = nil }
    positions?[id] = nil
    if positions?.isEmpty == true { positions = nil }
  }
}
