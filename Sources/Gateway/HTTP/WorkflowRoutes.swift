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
    switch reply {
    case .live(let workflow): .json(200, json(of: workflow).serialized())
    case .opened: .json(200, JSONValue.object([:]).serialized())
    case .saved(let rows): .json(200, saved(rows).serialized())
    case .reset(let rows): .json(200, saved(rows).serialized())
    case .invalid(let errors): ErrorBody.response(422, errors: errors.json, type: "validation_error")
    case .forbidden: error(403, "You don't have permission to edit this workflow", type: "unauthorized")
    case .limited(let why): error(422, why, type: "limit_error")
    case .deleted: error(422, "This workflow has been deleted", type: "workflow_deleted")
    case .neverSaved:
      error(422, "This workflow was never saved: there is nothing to go back to", type: "never_saved")
    case .notFound(let what): error(404, what, type: "not_found")
    case .readOnly: error(422, "A saved version cannot be changed", type: "read_only_view")
    case .unreadable(let why): error(422, why, type: "deserialization_error")
    case .contended: error(409, "Others saved at the same time; try again", type: "optimistic_lock_error")
    case .conflicts(let conflicts), .resolved(let conflicts):
      .json(200, JSONValue.object(["data": .array(conflicts.map(\.json))]).serialized())
    case .recovered(let changes, let conflicts):
      .json(
        200,
        JSONValue.object([
          "changes": .array(changes.map(\.summary)), "conflicts": .array(conflicts.map(\.json)),
        ]).serialized())
    case .unresolvable(let why): error(422, why, type: "validation_error")
    case .failed(let why): error(500, "The database refuses it: \(why); nothing was changed", type: "internal_error")
    case .unavailable: error(503, "The database cannot be reached; nothing was changed", type: "internal_error")
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
