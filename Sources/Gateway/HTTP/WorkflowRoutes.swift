import Rooms
import Workflow

/// `/api/workflows/<id>`: the live document in plain form, saved and taken back.
enum WorkflowRoutes {
  static func read(_ call: Call) {
    ask(call, .read)
  }

  static func save(_ call: Call) {
    ask(call, .save(call.actor))
  }

  static func reset(_ call: Call) {
    ask(call, .reset(call.actor))
  }

  private static func ask(_ call: Call, _ request: Room.Request) {
    guard let id = call.identifier("workflow") else { return }
    call.gateway.directory.ask(DocumentName(workflowID: id), request) { reply in
      call.respond(response(to: reply))
    }
  }

  static func response(to reply: Room.Reply) -> HTTPResponse {
    if let failure = reply.failure { return response(to: failure) }
    return .json(200, (body(of: reply) ?? .object([:])).serialized())
  }

  static func response(to failure: RequestFailure) -> HTTPResponse {
    ErrorBody.response(failure.status, errors: failure.errors, type: failure.type)
  }

  /// What a request that was carried out is answered.
  private static func body(of reply: Room.Reply) -> JSONValue? {
    switch reply {
    case .live(let workflow): json(of: workflow)
    case .saved(let rows), .reset(let rows): saved(rows)
    case .conflicts(let conflicts), .resolved(let conflicts): ["data": .array(conflicts.map(\.json))]
    case .recovered(let changes, let conflicts):
      ["changes": .array(changes.map(\.summary)), "conflicts": .array(conflicts.map(\.json))]
    default: nil
    }
  }

  static func error(_ status: Int, _ message: String, type: String) -> HTTPResponse {
    ErrorBody.response(status, errors: ["base": [.string(message)]], type: type)
  }

  private static func json(of workflow: LiveWorkflow) -> JSONValue {
    [
      "data": merged(workflow.content.json, lockVersion: workflow.lockVersion, deletedAt: workflow.deletedAt),
      "dirty": .bool(workflow.isDirty),
    ]
  }

  static func saved(_ rows: WorkflowRows) -> JSONValue {
    [
      "lock_version": JSONValue(rows.lockVersion),
      "workflow": merged(rows.content.json, lockVersion: rows.lockVersion, deletedAt: rows.deletedAt),
    ]
  }

  private static func merged(_ content: JSONValue, lockVersion: Int, deletedAt: String?) -> JSONValue {
    var members = content.object ?? [:]
    members["lock_version"] = JSONValue(lockVersion)
    members["deleted_at"] = JSONValue(deletedAt)
    return .object(members)
  }
}
