import Dispatch
import Reconciliation
import Storage
import Workflow

/// What imports over HTTP need besides the document; goes through all threads.
struct ImportContext: Sendable {
  let store: Store
  /// How conflicts are decided on this server.
  let policy: Policy
  let provenance: Provenance
  let worker: DispatchQueue
  let body: [UInt8]
  let respond: @Sendable (HTTPResponse) -> Void
  /// How long an import may wait for people: the rest of the time is for the import.
  let waitLimit: Duration

  init(_ call: Call, _ provenance: Provenance) {
    store = call.gateway.store
    policy = call.gateway.directory.configuration.policy
    self.provenance = provenance
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
}
