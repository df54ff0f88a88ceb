import Workflow
import YCRDT

/// Somebody's editor on a document: changes it as editors do, key by key and character by character.
struct EditingClient {
  let doc: Doc

  private func maps(_ array: String) -> [(index: Int, map: YMap)] {
    doc.array(array).elements.enumerated().compactMap { index, element in element.map.map { (index, $0) } }
  }

  private func map<R: RandomNumberGenerator>(
    _ array: String, _ source: inout RandomWorkflow<R>
  ) -> (index: Int, map: YMap)? {
    maps(array).randomElement(using: &source.random)
  }

  /// One edit.
  func edit<R: RandomNumberGenerator>(_ source: inout RandomWorkflow<R>) throws {
    try doc.transact(origin: "editor") {
      switch Int.random(in: 0..<16, using: &source.random) {
      case 0: try doc.map("workflow").set("name", .string(source.pick(["Intake", "Sync", "Notes"])))
      case 1: try doc.map("workflow").set("concurrency", source.pick([.null, 1, 3, .float(5)]))
      case 2: try editJob(&source)
      case 3, 4, 5, 6: try type(&source)
      case 7: try add("jobs", RandomWorkflow<R>.jobIDs, &source)
      case 8: if source.chance(60), let job = map("jobs", &source) { try remove(job, from: "jobs", &source) }
      case 9: try add("triggers", RandomWorkflow<R>.triggerIDs, &source)
      case 10: if source.chance(50), let item = map("triggers", &source) { try remove(item, from: "triggers", &source) }
      case 11: try add("edges", RandomWorkflow<R>.edgeIDs, &source)
      case 12: if source.chance(50), let edge = map("edges", &source) { try doc.array("edges").remove(at: edge.index) }
      case 13: try editTrigger(&source)
      case 14: try editEdge(&source)
      default: try move(&source)
      }
    }
  }

  /// Types into, or deletes from, a job's body.
  func type<R: RandomNumberGenerator>(_ source: inout RandomWorkflow<R>) throws {
    guard let body = map("jobs", &source)?.map["body"]?.text else { return }
    let characters = Array(body.string)
    let start = Int.random(in: 0...characters.count, using: &source.random)
    let end =
      source.chance(50) ? start : Int.random(in: start...min(start + 4, characters.count), using: &source.random)
    func offset(_ index: Int) -> Int { String(characters[..<index]).utf16.count }
    let range = offset(start)..<offset(end)
    if !range.isEmpty { try body.remove(range) }
    if source.chance(70) { try body.insert(source.text.make(length: source.pick([1, 2, 5])), at: range.lowerBound) }
  }

  private func editJob<R: RandomNumberGenerator>(_ source: inout RandomWorkflow<R>) throws {
    guard let job = map("jobs", &source)?.map else { return }
    let other = source.job("")
    switch Int.random(in: 0..<3, using: &source.random) {
    case 0: try job.set("name", .string(other.name))
    case 1: try job.set("adaptor", other.adaptor.map(YValue.string) ?? .null)
    default:
      try job.set("project_credential_id", other.projectCredentialID.map(YValue.string) ?? .null)
      try job.set("keychain_credential_id", other.keychainCredentialID.map(YValue.string) ?? .null)
    }
  }

  private func editTrigger<R: RandomNumberGenerator>(_ source: inout RandomWorkflow<R>) throws {
    guard let trigger = map("triggers", &source)?.map else { return }
    let other = source.trigger("", in: WorkflowContent(id: "", name: ""))
    switch Int.random(in: 0..<5, using: &source.random) {
    case 0: try trigger.set("type", .string(other.type))
    case 1: try trigger.set("enabled", .bool(other.enabled))
    case 2: try trigger.set("cron_cursor_job_id", map("jobs", &source)?.map["id"]?.value ?? .null)
    case 3:
      if let nested = trigger["kafka_configuration"]?.map {
        try nested.set("group_id", .string(source.pick(["a", "b", "c"])))
      } else {
        try trigger.set("kafka_configuration", (other.kafkaConfiguration ?? .null).yValue)
      }
    default: try trigger.set("webhook_reply", .string(source.pick(["", "before_start", "custom"])))
    }
  }

  private func editEdge<R: RandomNumberGenerator>(_ source: inout RandomWorkflow<R>) throws {
    guard let edge = map("edges", &source)?.map else { return }
    switch Int.random(in: 0..<3, using: &source.random) {
    case 0: try edge.set("condition_label", source.pick([.null, "a", "c", ""]))
    case 1: try edge.set("enabled", .bool(source.chance(50)))
    default: try connect(edge, &source)
    }
  }

  private func connect<R: RandomNumberGenerator>(_ edge: YMap, _ source: inout RandomWorkflow<R>) throws {
    guard let target = map("jobs", &source)?.map["id"]?.value, let job = map("jobs", &source)?.map["id"]?.value else {
      return
    }
    let trigger = source.chance(40) ? map("triggers", &source)?.map["id"]?.value : nil
    try edge.set("target_job_id", target)
    try edge.set("source_trigger_id", trigger ?? .null)
    try edge.set("source_job_id", trigger == nil ? job : .null)
  }

  private func add<R: RandomNumberGenerator>(
    _ array: String, _ ids: [String], _ source: inout RandomWorkflow<R>
  ) throws {
    let id = source.pick(ids)
    guard maps(array).allSatisfy({ $0.map["id"]?.value?.string != id }) else { return }
    guard array != "edges" || !maps("jobs").isEmpty else { return }
    let map = try doc.array(array).appendMap()
    try map.set("id", .string(id))
    switch array {
    case "jobs":
      let job = source.job(id)
      for (key, value) in job.fields.sorted(by: { $0.key < $1.key }) where key != "body" {
        try map.set(key, value.yValue)
      }
      _ = try map.setText("body", job.body)
    case "triggers":
      let trigger = source.trigger(id, in: WorkflowContent(id: "", name: ""))
      for (key, value) in trigger.fields.sorted(by: { $0.key < $1.key }) { try map.set(key, value.yValue) }
    default:
      try map.set("condition_type", .string(source.pick(["always", "on_job_success"])))
      try map.set("enabled", true)
      try connect(map, &source)
    }
  }

  /// Most editors take a node's edges and its position with it, some forget them.
  private func remove<R: RandomNumberGenerator>(
    _ node: (index: Int, map: YMap), from array: String, _ source: inout RandomWorkflow<R>
  ) throws {
    let id = node.map["id"]?.value
    try doc.array(array).remove(at: node.index)
    guard let id, source.chance(80) else { return }
    for edge in maps("edges").reversed() {
      let ends = ["source_job_id", "source_trigger_id", "target_job_id"].map { edge.map[$0]?.value }
      if ends.contains(id) { try doc.array("edges").remove(at: edge.index) }
    }
    if let key = id.string, doc.map("positions").contains(key) { try doc.map("positions").removeValue(forKey: key) }
  }

  private func move<R: RandomNumberGenerator>(_ source: inout RandomWorkflow<R>) throws {
    let nodes = (maps("jobs") + maps("triggers")).compactMap { $0.map["id"]?.value?.string }
    guard let node = nodes.randomElement(using: &source.random) else { return }
    if source.chance(85) {
      try doc.map("positions").set(node, source.pick([["x": 0, "y": 0], ["x": 10, "y": 20], ["x": 7, "y": 7]]))
    } else if doc.map("positions").contains(node) {
      try doc.map("positions").removeValue(forKey: node)
    }
  }
}
