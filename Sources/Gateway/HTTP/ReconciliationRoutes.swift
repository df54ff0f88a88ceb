import Reconciliation
import Rooms
import Storage
import Workflow

/// `/api/workflows/<id>/reconciliations`: what the server did to a document, and taking it back.
enum ReconciliationRoutes {
  /// The newest records, newest first; `before` and `limit` page on.
  static func list(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    guard let before = call.number("before", or: Int64.max), let limit = call.pageSize() else { return }
    let respond = call.respondLater
    call.gateway.store.readReconciliations(id, before: before, limit: limit) { result in
      switch result {
      case .success(let records):
        respond(.json(200, JSONValue.object(["data": .array(records.map(\.json))]).serialized()))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  /// Takes back what a reconciliation brought into the document, and nothing else: the rows get what they had before where
  /// nobody changed it since, and the document follows by an ordinary merge.
  static func revert(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    let text = call.parameters["number"] ?? ""
    guard let number = Int64(text), number > 0, number < .max else {
      return call.respond(WorkflowRoutes.error(404, "'\(text)' is not the number of a record", type: "not_found"))
    }
    let (store, actor, respond) = (call.gateway.store, call.actor, call.respondLater)
    store.readReconciliations(id, before: number + 1, limit: 1) { result in
      switch result {
      case .success(let records):
        guard let record = records.first, record.number == number else {
          return respond(WorkflowRoutes.error(404, "there is no record \(number) of this workflow", type: "not_found"))
        }
        guard record.kind == .reconcile else {
          let message = "record \(number) is a \(record.kind.rawValue); only merges of changed rows can be taken back"
          return respond(WorkflowRoutes.error(422, message, type: "validation_error"))
        }
        withRenames(since: record, of: id, store, respond) {
          takeBack(record, $0, of: id, by: actor, store, respond)
        }
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  /// What has got another id since the record is taken back under that id.
  private static func withRenames(
    since record: ReconciliationRecord, of id: String, _ store: Store,
    _ respond: @escaping @Sendable (HTTPResponse) -> Void, _ body: @escaping @Sendable ([Rename]) -> Void
  ) {
    store.readRenames(id, after: record.number) { result in
      switch result {
      case .success(let later): body(record.renames + later)
      case .failure(let error): respond(ErrorBody.response(503, "\(error); nothing was changed"))
      }
    }
  }

  private static func takeBack(
    _ record: ReconciliationRecord, _ renames: [Rename], of id: String, by actor: Actor, _ store: Store,
    _ respond: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    let outcome = Locked<Reversal?>(nil)
    store.updateWorkflow(id, provenance: Provenance(.revert, actor: actor), event: "reverted") { rows in
      let reversal = Reversal(of: record.changes, renames: renames, in: rows.content)
      try reversal.content.normalized().validate()
      outcome.withLock { $0 = reversal }
      return reversal.content
    } _: { result in
      respond(response(to: result, outcome.withLock { $0 }))
    }
  }

  private static func response(to result: Result<WorkflowRows?, any Error>, _ reversal: Reversal?) -> HTTPResponse {
    switch result {
    case .success(let rows?):
      var members = WorkflowRoutes.saved(rows).object ?? [:]
      members["reverted"] = units(reversal?.reverted)
      members["kept"] = units(reversal?.kept)
      members["incomplete"] = units(reversal?.incomplete)
      return .json(200, JSONValue.object(members).serialized())
    case .success(nil): return WorkflowRoutes.error(422, "This workflow has been deleted", type: "workflow_deleted")
    case .failure(let errors as ValidationErrors):
      return ErrorBody.response(422, errors: errors.json, type: "validation_error")
    case .failure(let error): return ErrorBody.response(503, "\(error); nothing was changed")
    }
  }

  private static func units(_ units: [[String]]?) -> JSONValue {
    .array((units ?? []).map { .array($0.map(JSONValue.string)) })
  }
}
