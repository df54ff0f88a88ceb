import Dispatch
import Reconciliation
import Storage
import Workflow

/// What imports over HTTP need besides the document; goes through all threads.
struct ImportContext: Sendable {
  let store: Store
  /// How conflicts are decided on this server.
  let policy: Policy
  /// What the caller may do, which depends on what is imported.
  let clearance: Clearance
  let worker: DispatchQueue
  let body: [UInt8]
  let respond: @Sendable (HTTPResponse) -> Void
  /// How long an import may wait for people: the rest of the time is for the import.
  let waitLimit: Duration

  init(_ call: Call) {
    store = call.gateway.store
    policy = call.gateway.directory.configuration.policy
    clearance = call.clearance
    worker = call.gateway.worker
    body = call.request.body
    respond = call.respondLater
    waitLimit = call.gateway.loop.configuration.responseTimeout * 3 / 4
  }

  /// Reads the body on the worker, and answers where it is no JSON.
  func withDocument(_ use: @escaping @Sendable (JSONValue) -> Void) {
    worker.async {
      do {
        use(try JSONValue(parsing: body))
      } catch {
        respond(ErrorBody.response(400, "the body is not JSON: \(error)"))
      }
    }
  }

  /// Goes on with on whose behalf a project is imported, or planned to be, or answers that the caller may not. A document that
  /// does not say which project it is about is wrong whoever sends it.
  func withProvenance(
    _ verb: Verb, of projectID: String?, _ use: @escaping @Sendable (Provenance) -> Void
  ) {
    clearance.decide(verb, projectID.map { [.project($0)] } ?? []) { decision in
      switch decision {
      case .allowed(let access): use(Provenance(.importing, actor: access?.actor ?? Actor(type: "api")))
      case .refused(let refusal): respond(refusal.response)
      }
    }
  }
}
