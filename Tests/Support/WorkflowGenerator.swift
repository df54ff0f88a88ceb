public import Workflow

/// Random workflows and projects. Values come from small pools, so that odd ones turn up often.
public struct WorkflowGenerator {
  public var random: SeededGenerator
  /// Whether values may be such that no save would accept them.
  public var isOdd: Bool

  public init(seed: UInt64, isOdd: Bool = false) {
    random = SeededGenerator(seed: seed)
    self.isOdd = isOdd
  }

  /// Texts that are easily broken on their way: empty, long, of many scripts, with everything that needs an escape.
  public static let oddTexts = [
    "", " ", "\n", "\r\n", "null", "\u{0}", "\\\"\u{8}\u{1F}\u{7F}", "é", "e\u{301}", "日本語", "👩‍👩‍👧‍👦 🏳️‍🌈", "\u{FEFF}x",
    "\u{2028}",
    "a\u{10FFFF}", String(repeating: "ab😀", count: 300),
  ]
  private static let bodies = [
    "fn(state => state);", "get('/patients', { query: $.q });\nfn(s => ({ ...s, n: 'ø' }));", "// 🚀\nexecute();",
  ]

  public mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
  public mutating func pick<T>(_ values: [T]) -> T { values.randomElement(using: &random)! }

  /// A lower-case uuid.
  public mutating func id() -> String {
    let digits = (0..<32).map { _ in "0123456789abcdef".randomElement(using: &random)! }
    let ends = [0, 8, 12, 16, 20, 32]
    return zip(ends, ends.dropFirst()).map { String(digits[$0..<$1]) }.joined(separator: "-")
  }

  public mutating func text(_ usual: [String]) -> String { isOdd ? pick(usual + Self.oddTexts) : pick(usual) }
  public mutating func maybe(_ usual: [String]) -> String? { chance(40) ? nil : text(usual) }

  /// A workflow as rows hold it, normalised unless it is odd.
  public mutating func workflow(jobs: Int = 6) -> WorkflowContent {
    var content = WorkflowContent(
      id: id(), name: text(["Intake", "Sync 2", "Überweisung"]), concurrency: pick([nil, 1, 5, 100_000]),
      enableJobLogs: pick([nil, true, false]))
    content.jobs = (0..<Int.random(in: 0...jobs, using: &random)).map { job($0) }
    content.triggers = (0..<Int.random(in: 0...2, using: &random)).map { _ in trigger(content.jobs) }
    if !content.jobs.isEmpty {
      for _ in 0..<Int.random(in: 0...jobs, using: &random) { content.edges.append(edge(content)) }
    }
    for id in content.jobs.map(\.id) + content.triggers.map(\.id) where chance(60) {
      content.positions = (content.positions ?? [:]).merging([id: position()]) { $1 }
    }
    return isOdd ? content : content.normalized()
  }

  public mutating func job(_ number: Int) -> Job {
    let name = isOdd ? text(["Fetch"]) : "\(pick(["Fetch", "Map", "Load-it"])) \(number)"
    var job = Job(
      id: id(), name: name, body: text(Self.bodies),
      adaptor: isOdd ? maybe(["@openfn/language-http@6.0.0"]) : "@openfn/language-http@6.0.0")
    if isOdd || chance(20) { job.keychainCredentialID = isOdd ? maybe(["k"]) : id() }
    if isOdd { job.projectCredentialID = maybe(["p"]) }
    return job
  }

  public mutating func trigger(_ jobs: [Job]) -> Trigger {
    var trigger = Trigger(id: id(), type: pick(["webhook", "cron", "kafka"]), enabled: chance(50))
    trigger.cronExpression = isOdd ? maybe(["0 0 * * *"]) : pick([nil, "*/5 * * * MON-FRI"])
    trigger.cronCursorJobID = jobs.isEmpty || chance(50) ? nil : pick(jobs.map(\.id))
    trigger.webhookReply = pick([nil, "before_start", "after_completion", "custom"])
    trigger.customPath =
      isOdd ? maybe(["path"]) : pick([nil, "intake_\(UInt32.random(in: 0 ... .max, using: &random))"])
    trigger.comment = maybe(["by hand"])
    trigger.webhookResponseConfig = chance(50) ? nil : ["status": 201, "body": json(2)]
    if isOdd || trigger.type == "kafka" { trigger.kafkaConfiguration = kafka() }
    return trigger
  }

  public mutating func edge(_ content: WorkflowContent) -> Edge {
    var edge = Edge(id: id(), conditionType: "always", conditionLabel: maybe(["ok"]), enabled: chance(80))
    edge.targetJobID = pick(content.jobs.map(\.id))
    if !content.triggers.isEmpty, chance(40) {
      edge.sourceTriggerID = pick(content.triggers.map(\.id))
    } else {
      edge.sourceJobID = pick(content.jobs.map(\.id))
      edge.conditionType = pick(["always", "on_job_success", "on_job_failure"])
      if !isOdd, edge.sourceJobID == edge.targetJobID { edge.targetJobID = nil }
    }
    if chance(20) { (edge.conditionType, edge.conditionExpression) = ("js_expression", "!state.error") }
    return edge
  }

  public mutating func position() -> JSONValue {
    isOdd ? json(3) : ["x": .number(Double.random(in: -1e4...1e4, using: &random)), "y": 12]
  }

  private mutating func kafka() -> JSONValue {
    pick([
      ["hosts_string": "a.example:9092, b:9093", "topics_string": "t1, t2", "connect_timeout": 30, "ssl": true],
      ["hosts_string": "localhost:9092", "topics_string": "t", "sasl": "plain", "group_id": "g"],
    ])
  }

  /// Any JSON value.
  public mutating func json(_ depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
    case 0: .null
    case 1: .bool(chance(50))
    case 2: .number(Double(Int.random(in: -1_000_000...1_000_000, using: &random)))
    case 3: .number(pick([0, 0.1, -1.5e300, 2.3e-308, 4_294_967_296, 9_007_199_254_740_991, 1e21, -2_147_483_649]))
    case 4, 5: .string(text(["a", "some text", "ø"]))
    case 6: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in json(depth - 1) })
    default:
      .object(
        Dictionary(
          (0..<Int.random(in: 0...3, using: &random)).map { _ in (text(["k", "x", "long key"]), json(depth - 1)) }
        ) {
          $1
        })
    }
  }

  /// A project with several workflows that would all pass a save and an import, perhaps one of them deleted.
  public mutating func project(workflows: Int = 3) -> ProjectContent {
    var project = ProjectContent(id: id(), name: "project-1", description: pick([nil, "All of it"]))
    for number in 0..<Int.random(in: 0...workflows, using: &random) {
      var content = workflow()
      content.name += " \(number)"
      content.makeFinite()
      let rows = WorkflowRows(
        content: content, projectID: project.id, lockVersion: Int.random(in: 0...9, using: &random),
        revision: Int64(number + 1), deletedAt: chance(15) ? "2026-01-02T03:04:05Z" : nil)
      project.workflows.append(rows)
    }
    if chance(50) { project.credentials = [ProjectCredential(id: id(), name: "dhis2", owner: "amy@example.org")] }
    if chance(50) { project.collections = [ProjectCollection(id: id(), name: "cases-2026")] }
    return project
  }
}

extension WorkflowContent {
  /// Without what imports refuse of a workflow as a whole: edges into nowhere, and those that go back to an earlier job whatever
  /// that comes to.
  fileprivate mutating func makeFinite() {
    let places = Dictionary(uniqueKeysWithValues: jobs.enumerated().map { ($1.id, $0) })
    edges.removeAll { $0.targetJobID == nil }
    for index in edges.indices where edges[index].conditionType == "always" {
      guard let source = edges[index].sourceJobID, let from = places[source],
        let to = places[edges[index].targetJobID ?? ""]
      else { continue }
      if to <= from { edges[index].conditionType = "on_job_failure" }
    }
  }
}
