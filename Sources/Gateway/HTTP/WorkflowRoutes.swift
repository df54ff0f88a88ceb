import Rooms
import Workflow

/// `/api/workflows/<id>`: the live document in plain form, saved and taken back.
enum WorkflowRoutes {
  /// The live document, with its version as the entity tag.
  static func read(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    let known: [EntityTag]?
    switch call.request.condition("if-none-match") {
    case .none: known = []
    case .any: known = nil
    case .tags(let tags): known = tags
    case .malformed(let why): return call.respond(ErrorBody.response(400, why, field: "if-none-match"))
    }
    CurrentDocument.read(DocumentName(workflowID: id), call.gateway) { reply in
      guard case .live(let workflow) = reply else { return call.respond(response(to: reply)) }
      let isKnown = known?.contains { $0.opaque == workflow.version?.description } ?? true
      guard let version = workflow.version, isKnown else { return call.respond(response(to: reply)) }
      call.respond(HTTPResponse(status: 304, headers: version.headers))
    }
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
    var response = HTTPResponse.json(200, (body(of: reply) ?? .object([:])).serialized())
    if case .live(let workflow) = reply { response.headers += workflow.version?.headers ?? [] }
    return response
  }

  static func response(to failure: RequestFailure) -> HTTPResponse {
    ErrorBody.response(failure.status, errors: failure.errors, type: failure.type)
  }

  /// What a request that was carried out is answered.
  private static func body(of reply: Room.Reply) -> JSONValue? {
    switch reply {
    case .live(let workflow): .object(members(of: workflow))
    case .saved(let rows), .reset(let rows): saved(rows)
    case .conflicts(let conflicts), .resolved(let conflicts): ["data": .array(conflicts.map(\.json))]
    case .recovered(let changes, let conflicts):
      ["changes": .array(changes.map(\.summary)), "conflicts": .array(conflicts.map(\.json))]
    case .patched(let changes, let conflicts): .object(PatchRoutes.members(changes, conflicts))
    default: nil
    }
  }

  static func error(_ status: Int, _ message: String, type: String) -> HTTPResponse {
    ErrorBody.response(status, errors: ["base": [.string(message)]], type: type)
  }

  static func members(of workflow: LiveWorkflow) -> [String: JSONValue] {
    [
      "data": workflow.content.shownJSON(lockVersion: workflow.lockVersion, deletedAt: workflow.deletedAt),
      "dirty": .bool(workflow.isDirty),
    ]
  }

  static func saved(_ rows: WorkflowRows) -> JSONValue {
    [
      "lock_version": JSONValue(rows.lockVersion),
      "workflow": rows.content.shownJSON(lockVersion: rows.lockVersion, deletedAt: rows.deletedAt),
    ]
  }
}
