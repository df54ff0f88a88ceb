import Rooms
import Storage
import Workflow
import YCRDT

/// `/api/workflows/<id>/blame`: who or what last set what the document shows.
enum BlameRoutes {
  /// Everything, or what is at or below `path`.
  static func read(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    let path = (call.request.queryValue("path") ?? "").split(separator: "/").map(String.init)
    if let root = path.first, !WorkflowBlame.roots.contains(root) {
      let message =
        "'\(root)' is no part of a workflow: a path begins with one of "
        + WorkflowBlame.roots.joined(separator: ", ")
      return call.respond(ErrorBody.response(422, message, field: "path"))
    }
    let name = DocumentName(workflowID: id)
    // Whoever opens a document has it merged with its rows.
    call.gateway.directory.ask(name, .open) { reply in
      guard case .opened = reply else { return call.respond(WorkflowRoutes.response(to: reply)) }
      read(name, path, call)
    }
  }

  private static func read(_ name: DocumentName, _ path: [String], _ call: Call) {
    let (worker, respond) = (call.gateway.worker, call.respondLater)
    call.gateway.store.readBlame(name) { result in
      switch result {
      case .success(let stored?): worker.async { respond(response(stored, path)) }
      case .success(nil): respond(WorkflowRoutes.error(404, "there is no \(name)", type: "not_found"))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  private static func response(_ stored: StoredBlame, _ path: [String]) -> HTTPResponse {
    let doc = Doc()
    do {
      for update in stored.updates { try doc.apply(update) }
    } catch {
      return WorkflowRoutes.error(422, "a stored update cannot be read: \(error)", type: "deserialization_error")
    }
    let blame = WorkflowBlame(doc, stored.authorship, path: path)
    guard !blame.entries.isEmpty || path.count < 2 else {
      let message = "the document shows nothing at \(path.joined(separator: "/"))"
      return WorkflowRoutes.error(404, message, type: "not_found")
    }
    return .json(200, JSONValue.object(["data": blame.json]).serialized())
  }
}
