import Rooms
import Storage
import Workflow

/// `/api/workflows/<id>/conflicts`: what people and the database changed differently, and what becomes of it.
enum ConflictRoutes {
  /// The open ones with the side that stands now, or with `status` a page of those of a status, or of all.
  static func list(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    guard let wanted = call.request.queryValue("status"), wanted != "open" else {
      return ask(call, id, .conflicts)
    }
    let status = ConflictRecord.Status(rawValue: wanted)
    guard status != nil || wanted == "all" else {
      return call.respond(
        WorkflowRoutes.error(422, "status is one of open, resolved, closed, expired, all", type: "validation_error"))
    }
    guard let before = before(call), let limit = call.pageSize() else { return }
    let respond = call.respondLater
    call.gateway.store.readConflicts(id, status: status, before: before, limit: limit) { result in
      switch result {
      case .success(let records):
        respond(.json(200, JSONValue.object(["data": .array(records.map(\.json))]).serialized()))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  /// The conflict before which a page ends. Where `before` is no id of one the request is answered and the result nil.
  private static func before(_ call: Call) -> ConflictRecord.ID? {
    guard let text = call.request.queryValue("before") else { return ConflictRecord.ID(reconciliation: .max, place: 1) }
    if let id = ConflictRecord.ID(text) { return id }
    call.respond(
      ErrorBody.response(422, "'\(text)' is not the id of a conflict: ids are like 12-1", field: "before"))
    return nil
  }

  /// Carries out a choice in one conflict, whatever became of it before.
  static func resolve(_ call: Call) {
    let text = call.parameters["conflict"] ?? ""
    guard let conflict = ConflictRecord.ID(text) else {
      return call.respond(
        WorkflowRoutes.error(404, "'\(text)' is not the id of a conflict: ids are like 12-1", type: "not_found"))
    }
    resolve(call, ids: [conflict], status: nil)
  }

  /// Carries out one choice in all open conflicts.
  static func resolveAll(_ call: Call) {
    resolve(call, ids: nil, status: .open)
  }

  private static func resolve(_ call: Call, ids: [ConflictRecord.ID]?, status: ConflictRecord.Status?) {
    guard let id = call.identifier("workflow") else { return }
    let body = try? JSONValue(parsing: call.request.body)
    guard let choice = body.flatMap({ ConflictChoice($0, allowsValue: ids != nil) }) else {
      return call.respond(ErrorBody.response(422, ConflictChoice.expected, field: "keep"))
    }
    let waiting = Confined(call)
    call.gateway.store.readConflicts(id, status: status, ids: ids) { [loop = call.gateway.loop] result in
      loop.execute {
        let call = waiting.value
        switch result {
        case .success(let records) where records.isEmpty && ids != nil:
          call.respond(WorkflowRoutes.error(404, "there is no such conflict", type: "not_found"))
        case .success(let records): ask(call, id, .resolve(records, choice, call.actor))
        case .failure(let error): call.respond(ErrorBody.response(503, "\(error)"))
        }
      }
    }
  }

  private static func ask(_ call: Call, _ id: String, _ request: Room.Request) {
    call.gateway.directory.ask(DocumentName(workflowID: id), request) { reply in
      call.respond(WorkflowRoutes.response(to: reply))
    }
  }
}

extension ConflictChoice {
  /// Reads a choice as clients send it; nil where it is none. A value is for one conflict only.
  init?(_ json: JSONValue, allowsValue: Bool) {
    switch json["keep"]?.string {
    case "live": self = .live
    case "database": self = .database
    case "value":
      guard allowsValue, let value = json["value"] else { return nil }
      self = .value(value)
    default: return nil
    }
  }

  /// For who sent something else.
  static let expected =
    "expected is {\"keep\": \"live\"}, {\"keep\": \"database\"} or, for one conflict, {\"keep\": \"value\", \"value\": …}"
}
