extension WorkflowContent {
  /// The content as one JSON object, in the document's keys. Reading it back gives the same content.
  public var json: JSONValue {
    [
      "id": .string(id), "name": .string(name), "concurrency": JSONValue(concurrency),
      "enable_job_logs": JSONValue(enableJobLogs),
      "jobs": .array(jobs.map { Self.entity($0.id, $0.fields) }),
      "triggers": .array(triggers.map { Self.entity($0.id, $0.fields) }),
      "edges": .array(edges.map { Self.entity($0.id, $0.fields) }),
      "positions": positions.map(JSONValue.object) ?? .null,
    ]
  }

  /// Reads what `json` gives; nil where it is no object with an id and a name.
  public init?(json: JSONValue) {
    guard let id = json["id"]?.string, let name = json["name"]?.string else { return nil }
    self.init(
      id: id, name: name, concurrency: json["concurrency"]?.integer, enableJobLogs: json["enable_job_logs"]?.bool,
      jobs: Self.entities(json["jobs"], Job.init(id:fields:)),
      triggers: Self.entities(json["triggers"], Trigger.init(id:fields:)),
      edges: Self.entities(json["edges"], Edge.init(id:fields:)),
      positions: json["positions"]?.object.flatMap { $0.isEmpty ? nil : $0 })
  }

  private static func entity(_ id: String, _ fields: [String: JSONValue]) -> JSONValue {
    .object(fields.merging(["id": .string(id)]) { $1 })
  }

  private static func entities<Entity>(
    _ json: JSONValue?, _ make: (String, [String: JSONValue]) -> Entity
  ) -> [Entity] {
    (json?.array ?? []).compactMap { element in
      element.object.flatMap { fields in fields["id"]?.string.map { make($0, fields) } }
    }
  }
}
