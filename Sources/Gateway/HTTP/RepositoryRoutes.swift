import Provisioning
import Storage
import Workflow

/// `/api/projects/<id>/repository`: the git repository that keeps a project.
enum RepositoryRoutes {
  static func read(_ call: Call) {
    guard let id = call.identifier("project") else { return }
    let respond = call.respondLater
    call.gateway.store.readRepositories(project: id) { result in
      respond(answer(result.map(\.first), of: id) { .json(200, JSONValue.object(["data": $0.json]).serialized()) })
    }
  }

  /// Connects a repository. The answer has the secret of its hooks, which is shown only then.
  static func add(_ call: Call) {
    guard let id = call.identifier("project"), let new = connection(for: id, call) else { return }
    let (store, respond) = (call.gateway.store, call.respondLater)
    store.readProject(id) { project in
      switch project {
      case .success(nil): respond(ErrorBody.response(404, "there is no project \(id)"))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      case .success(.some):
        store.addRepository(new) { added in
          guard case .success(nil) = added else {
            return showSecret(added.map { $0 }, of: id, status: 201, store, respond)
          }
          respond(ErrorBody.response(422, "project already has a repo connection", field: "project_id"))
        }
      }
    }
  }

  /// What the body says; otherwise the call is answered and the result nil.
  private static func connection(for id: String, _ call: Call) -> NewRepositoryConnection? {
    guard case .object(let body)? = try? JSONValue(parsing: call.request.body) else {
      call.respond(ErrorBody.response(400, "the body is not a JSON object"))
      return nil
    }
    var problems: [String: JSONValue] = [:]
    func text(_ key: String) -> String? {
      guard let value = body[key], !value.isNull else { return nil }
      if value.string == nil { problems[key] = ["is invalid"] }
      return value.string
    }
    let setup = RepositorySetup(
      url: text("url"), branch: text("branch") ?? "main", configPath: text("config_path"),
      direction: text("direction") ?? "both", name: text("name"))
    let unknown = Set(body.keys).subtracting(["url", "branch", "config_path", "direction", "name"]).sorted()
    if !unknown.isEmpty { problems["base"] = [.string("extraneous parameters: \(unknown.joined(separator: ", "))")] }
    guard problems.isEmpty else {
      call.respond(ErrorBody.response(422, errors: .object(problems)))
      return nil
    }
    do {
      return try setup.checked(for: id, .below(call.gateway.configuration.repositories?.localRepositories))
    } catch {
      call.respond(ErrorBody.response(422, errors: error.json))
      return nil
    }
  }

  /// Gives the hooks another secret.
  static func renewSecret(_ call: Call) {
    guard let id = call.identifier("project") else { return }
    let (store, respond) = (call.gateway.store, call.respondLater)
    store.renewHookSecret(of: id) { showSecret($0, of: id, status: 200, store, respond) }
  }

  private static func showSecret(
    _ result: Result<RepositoryConnection?, StoreError>, of id: String, status: Int, _ store: Store,
    _ respond: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    store.hookSecret { secret in
      respond(
        answer(result, of: id) { connection in
          guard let secret = try? secret.get() else { return ErrorBody.response(503, "\(StoreError.unavailable)") }
          let body: JSONValue = [
            "data": connection.json, "secret": .string(HookSecret(connection, serverSecret: secret).text),
          ]
          return .json(status, body.serialized(), headers: [(name: "cache-control", value: "no-store")])
        })
    }
  }

  static func remove(_ call: Call) {
    guard let id = call.identifier("project") else { return }
    let respond = call.respondLater
    call.gateway.store.removeRepository(of: id) { result in
      respond(answer(result.map { $0 ? true : nil }, of: id) { _ in HTTPResponse(status: 204) })
    }
  }

  // MARK: Syncs

  /// Has the repository synced soon.
  static func sync(_ call: Call) {
    guard let id = call.identifier("project") else { return }
    let body = call.request.body.isEmpty ? [:] : (try? JSONValue(parsing: call.request.body)) ?? .null
    guard let direction = SyncDirection(rawValue: body["direction"]?.string ?? "pull"), body.object != nil else {
      return call.respond(ErrorBody.response(422, "is one of pull, push", field: "direction"))
    }
    if body["commit_message"]?.string?.utf8.contains(0) ?? false {
      return call.respond(ErrorBody.response(422, "cannot contain null bytes", field: "commit_message"))
    }
    let request = SyncRequest(
      direction, cause: .request, actor: call.actor, message: body["commit_message"]?.string)
    let (store, respond, service) = (call.gateway.store, call.respondLater, call.gateway.repositories)
    store.readRepositories(project: id) { result in
      guard let connection = try? result.get().first else {
        return respond(answer(result.map(\.first), of: id) { _ in HTTPResponse(status: 500) })
      }
      guard connection.url != nil else {
        return respond(ErrorBody.response(422, "the connection has no URL", field: "url"))
      }
      if direction == .push, connection.isPullOnly {
        return respond(ErrorBody.response(422, SyncFailure.pullOnly.text, field: "direction"))
      }
      store.requestSync(request, connectionID: connection.id) { queued in
        service?.wake()
        respond(
          answer(queued.map { $0 ? true : nil }, of: id) { _ in
            .json(202, JSONValue.object(["data": ["status": "queued"]]).serialized())
          })
      }
    }
  }

  /// A page of the syncs, newest first.
  static func syncs(_ call: Call) {
    guard let id = call.identifier("project"), let limit = call.pageSize(),
      let before = call.number("before", or: Int64.max)
    else { return }
    let respond = call.respondLater
    call.gateway.store.readSyncs(id, before: before, limit: limit) { result in
      switch result {
      case .success(let records):
        respond(.json(200, JSONValue.object(["data": .array(records.map(\.json))]).serialized()))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  private static func answer<Value>(
    _ result: Result<Value?, StoreError>, of id: String, _ response: (Value) -> HTTPResponse
  ) -> HTTPResponse {
    switch result {
    case .success(let value?): response(value)
    case .success(nil): ErrorBody.response(404, "no repository is connected to project \(id)")
    case .failure(let error): ErrorBody.response(503, "\(error)")
    }
  }
}
