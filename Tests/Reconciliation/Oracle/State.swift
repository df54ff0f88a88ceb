import Workflow
import YCRDT

/// A workflow as plain values, for the oracle. "Not set" has one form: the key is absent.
struct State: Equatable {
  var workflow: [String: JSONValue] = [:]
  var jobs: [String: [String: JSONValue]] = [:]
  var triggers: [String: [String: JSONValue]] = [:]
  var edges: [String: [String: JSONValue]] = [:]
  var positions: [String: JSONValue] = [:]

  /// What a document shows; of several entities with one id the first.
  init(_ doc: Doc) {
    workflow = Self.plain(doc.map("workflow").json)
    for key in ["id", "lock_version", "deleted_at"] { workflow[key] = nil }
    jobs = Self.entities(doc.array("jobs"))
    triggers = Self.entities(doc.array("triggers"))
    edges = Self.entities(doc.array("edges"))
    positions = Self.plain(doc.map("positions").json)
  }

  init(_ content: WorkflowContent) {
    workflow = Self.plain([
      "name": .string(content.name), "concurrency": JSONValue(content.concurrency),
      "enable_job_logs": JSONValue(content.enableJobLogs),
    ])
    for job in content.jobs { jobs[job.id] = Self.plain(job.fields) }
    for trigger in content.triggers { triggers[trigger.id] = Self.plain(trigger.fields) }
    for edge in content.edges { edges[edge.id] = Self.plain(edge.fields) }
    positions = Self.plain(content.positions ?? [:])
  }

  /// The ids of everything an edge can lead from or to.
  var nodes: Set<String> { Set(jobs.keys).union(triggers.keys) }

  /// What refers to an entity, with which field, and the collection that has it.
  typealias Reference = (
    holder: WritableKeyPath<State, [String: [String: JSONValue]]>, field: String,
    target: WritableKeyPath<State, [String: [String: JSONValue]]>
  )

  static var references: [Reference] {
    [
      (\.edges, "source_job_id", \.jobs), (\.edges, "source_trigger_id", \.triggers),
      (\.edges, "target_job_id", \.jobs), (\.triggers, "cron_cursor_job_id", \.jobs),
    ]
  }

  private static func entities(_ array: YArray) -> [String: [String: JSONValue]] {
    var result: [String: [String: JSONValue]] = [:]
    for element in array.elements {
      guard case .map(let map) = element else { continue }
      var fields = plain(map.json)
      guard let id = fields.removeValue(forKey: "id")?.string, result[id] == nil else { continue }
      result[id] = fields
    }
    return result
  }

  private static func plain(_ value: YValue) -> [String: JSONValue] {
    JSONValue(value).object.map(plain) ?? [:]
  }

  private static func plain(_ members: [String: JSONValue]) -> [String: JSONValue] {
    members.compactMapValues { value in
      switch value {
      case .null, .string(""): nil
      case .object(let inner): .object(plain(inner))
      default: value
      }
    }
  }
}

extension State {
  /// Whether there is something to save. Positions without a node do not count.
  func differs(from other: State) -> Bool {
    func withoutStrayPositions(_ state: State) -> State {
      var state = state
      state.positions = state.positions.filter { nodes.contains($0.key) }
      return state
    }
    return withoutStrayPositions(self) != withoutStrayPositions(other)
  }
}
