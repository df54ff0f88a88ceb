import Storage
import Tokens
import Workflow

/// `/hooks/git/<connection>`: a repository says that there is news. It shows who it is by a signature.
enum HookRoutes {
  static func receive(_ call: Call) {
    let configuration = call.gateway.configuration.repositories ?? RepositoryConfiguration(folder: "")
    guard call.request.body.count <= configuration.maximumHookBytes else {
      return call.respond(
        ErrorBody.response(413, "a message has at most \(configuration.maximumHookBytes) bytes (--maximum-hook-bytes)"))
    }
    guard let signature = HookSignature(call.request) else { return call.respond(refusal) }
    let id = call.parameters["id"].flatMap { DocumentName.isUUID($0) ? $0.lowercased() : nil } ?? ""
    let hook = Hook(
      connectionID: id, signature: signature, body: call.request.body, configuration: configuration,
      store: call.gateway.store, service: call.gateway.repositories, respond: call.respondLater)
    let worker = call.gateway.worker
    call.gateway.store.hookSecret { secret in
      hook.store.readRepositories(id: id.isEmpty ? Store.newTokenID() : id) { connections in
        worker.async { hook.receive(connections.map(\.first), secret) }
      }
    }
  }

  /// The same for whatever is wrong: who guesses learns nothing.
  fileprivate static let refusal = ErrorBody.response(
    401, errors: ["base": ["the signature is missing, wrong or too old"]], type: "unauthenticated")
}

/// A message that was received.
private struct Hook: Sendable {
  let connectionID: String
  let signature: HookSignature
  let body: [UInt8]
  let configuration: RepositoryConfiguration
  let store: Store
  let service: RepositoryService?
  let respond: @Sendable (HTTPResponse) -> Void

  func receive(_ connection: Result<RepositoryConnection?, StoreError>, _ secret: Result<[UInt8], StoreError>) {
    let found: RepositoryConnection?
    let serverSecret: [UInt8]
    do {
      (found, serverSecret) = (try connection.get(), try secret.get())
    } catch {
      return respond(ErrorBody.response(503, "\(error)"))
    }
    let secret = found.map { HookSecret($0, serverSecret: serverSecret) } ?? .unknown(serverSecret)
    let fits = signature.fits(body, secret)
    guard let found, fits, signature.isRecent(now: TimeOfDay.now, window: configuration.hookReplayWindow) else {
      return respond(HookRoutes.refusal)
    }
    guard found.url != nil, isAbout(found.branch) else { return answer(200, "ignored") }
    queue(found)
  }

  private func queue(_ connection: RepositoryConnection) {
    let request = SyncRequest(.pull, cause: .hook, actor: connection.actor)
    // Twice the window: a message may name a time that is still to come.
    store.receiveHook(
      signature.id, of: connection.id, window: configuration.hookReplayWindow * 2,
      limit: configuration.maximumRememberedHooks, request
    ) { result in
      switch result {
      case .success(true):
        service?.wake()
        answer(202, "queued")
      case .success(false): answer(200, "known")
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  /// Whether the message is about the branch, where it says which one.
  private func isAbout(_ branch: String) -> Bool {
    guard let ref = (try? JSONValue(parsing: body))?["ref"]?.string else { return true }
    return ref == "refs/heads/\(branch)"
  }

  private func answer(_ status: Int, _ what: String) {
    respond(.json(status, JSONValue.object(["data": ["status": .string(what)]]).serialized()))
  }
}
