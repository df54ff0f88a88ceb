import Rooms
import Storage
import Workflow

/// `/api/workflows/<id>/branches`: what clients of earlier histories wrote, and what becomes of it.
enum BranchRoutes {
  /// The open ones, or with `status` those of a status, or all.
  static func list(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    let wanted = call.request.queryValue("status") ?? "open"
    let status = BranchRecord.Status(rawValue: wanted)
    guard status != nil || wanted == "all" else {
      return call.respond(
        WorkflowRoutes.error(422, "status is one of open, merged, discarded, expired, all", type: "validation_error"))
    }
    let respond = call.respondLater
    call.gateway.store.readBranches(id, status: status) { result in
      switch result {
      case .success(let records):
        respond(.json(200, JSONValue.object(["data": .array(records.map(\.summary))]).serialized()))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  /// One with all that it holds.
  static func read(_ call: Call) {
    withBranch(call) { call, _, record in
      call.respond(.json(200, JSONValue.object(["data": record.json]).serialized()))
    }
  }

  /// Merges what a branch holds into the live document.
  static func merge(_ call: Call) {
    withBranch(call) { call, id, record in
      call.gateway.directory.ask(DocumentName(workflowID: id), .recover(record, call.actor)) { reply in
        call.respond(WorkflowRoutes.response(to: reply))
      }
    }
  }

  /// Lets go of what a branch holds.
  static func discard(_ call: Call) {
    withBranch(call) { call, id, record in
      let respond = call.respondLater
      call.gateway.store.discardBranch(record, of: id, by: call.actor) { result in
        switch result {
        case .success(true): respond(.json(200, JSONValue.object(["data": record.summary]).serialized()))
        case .success(false):
          let message = "somebody has written in branch \(record.number) meanwhile; look at it again"
          respond(WorkflowRoutes.error(409, message, type: "optimistic_lock_error"))
        case .failure(let error): respond(ErrorBody.response(503, "\(error); nothing was changed"))
        }
      }
    }
  }

  /// Gives the document a new history.
  static func renew(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    let respond = call.respondLater
    call.gateway.store.renewDocument(
      DocumentName(workflowID: id), policy: call.gateway.directory.configuration.policy
    ) { result in
      switch result {
      case .success(true): respond(.json(200, JSONValue.object(["data": ["id": .string(id)]]).serialized()))
      case .success(false): respond(WorkflowRoutes.error(404, "there is no workflow \(id)", type: "not_found"))
      case .failure(let error): respond(ErrorBody.response(503, "\(error); nothing was changed"))
      }
    }
  }

  /// Reads the branch that the path names, and goes on with it on the loop.
  private static func withBranch(_ call: Call, _ body: @escaping (Call, String, BranchRecord) -> Void) {
    guard let id = call.identifier("workflow") else { return }
    let text = call.parameters["number"] ?? ""
    guard let number = Int64(text), number > 0 else {
      return call.respond(WorkflowRoutes.error(404, "'\(text)' is not the number of a branch", type: "not_found"))
    }
    let waiting = Confined(WaitingBranch(call, body))
    call.gateway.store.readBranches(id, number: number) { [loop = call.gateway.loop] result in
      loop.execute {
        let (call, body) = (waiting.value.call, waiting.value.body)
        switch result {
        case .success(let records):
          guard let record = records.first else {
            return call.respond(WorkflowRoutes.error(404, "there is no branch \(number)", type: "not_found"))
          }
          body(call, id, record)
        case .failure(let error): call.respond(ErrorBody.response(503, "\(error)"))
        }
      }
    }
  }

  /// A call that another thread carries along, and what is to be done then.
  private final class WaitingBranch {
    let call: Call
    let body: (Call, String, BranchRecord) -> Void

    init(_ call: Call, _ body: @escaping (Call, String, BranchRecord) -> Void) {
      self.call = call
      self.body = body
    }
  }
}
