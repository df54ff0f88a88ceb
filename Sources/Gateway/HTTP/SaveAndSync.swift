import Rooms
import Storage
import Workflow

/// Saves a workflow, and brings its project into its repository: over HTTP, and over Phoenix channels. Confined to the loop's
/// thread.
enum SaveAndSync {
  /// What came of it.
  enum Outcome {
    case done(WorkflowRows, RepositoryConnection, SyncResult)
    /// Nothing was saved.
    case notSaved(Room.Reply)
    /// Nothing was saved either: there is nothing to sync with.
    case noRepository(RequestFailure)
    /// It was saved, and others were told.
    case notSynced(WorkflowRows, SyncFailure)
  }

  /// What is wrong with a message of a commit; nil where nothing is.
  static func problem(of message: String?) -> RequestFailure? {
    if let message, message.contains(where: { !$0.isWhitespace }), message.utf8.count <= maximumMessageBytes,
      !message.utf8.contains(0)
    {
      return nil
    }
    let isBlank = message?.allSatisfy(\.isWhitespace) ?? true
    let text = isBlank ? "can't be blank" : "is longer than \(maximumMessageBytes) bytes, or has null bytes"
    return RequestFailure(422, ["commit_message": [.string(text)]], type: "validation_error")
  }

  private static let maximumMessageBytes = 64 << 10

  /// Does it. `onSaved` is called when it is saved, before the sync; both are called on the loop.
  static func run(
    _ workflowID: String, actor: Actor, message: String, _ gateway: Gateway,
    onSaved: @escaping (WorkflowRows) -> Void = { _ in }, _ completion: @escaping (Outcome) -> Void
  ) {
    let request = SyncRequest(.push, cause: .save, actor: actor, message: message)
    Run(workflowID: workflowID, request: request, gateway: gateway, onSaved: onSaved, completion: completion).begin()
  }

  /// One of them on its way. Confined to the loop's thread.
  private final class Run {
    private let workflowID: String
    private let request: SyncRequest
    private unowned let gateway: Gateway
    private let onSaved: (WorkflowRows) -> Void
    private let completion: (Outcome) -> Void

    init(
      workflowID: String, request: SyncRequest, gateway: Gateway, onSaved: @escaping (WorkflowRows) -> Void,
      completion: @escaping (Outcome) -> Void
    ) {
      self.workflowID = workflowID
      self.request = request
      self.gateway = gateway
      self.onSaved = onSaved
      self.completion = completion
    }

    func begin() {
      let waiting = Confined(self)
      let (store, loop) = (gateway.store, gateway.loop)
      store.findWorkflow(workflowID, version: nil, inProject: workflowID) { place in
        let projectID = (try? place.get())?.projectID ?? ""
        store.readRepositories(project: projectID) { result in
          loop.execute { waiting.value.found(result) }
        }
      }
    }

    private func found(_ result: Result<[RepositoryConnection], StoreError>) {
      let connection = (try? result.get())?.first
      guard let connection, connection.url != nil, !connection.isPullOnly, let service = gateway.repositories else {
        return completion(.noRepository(SaveAndSync.failure(result, connection)))
      }
      gateway.directory.ask(DocumentName(workflowID: workflowID), .save(request.actor)) { [self] reply in
        guard case .saved(let rows) = reply else { return completion(.notSaved(reply)) }
        onSaved(rows)
        sync(rows, connection, service)
      }
    }

    private func sync(_ rows: WorkflowRows, _ connection: RepositoryConnection, _ service: RepositoryService) {
      let waiting = Confined(self)
      service.sync(connection.projectID, request) { [loop = gateway.loop] result in
        loop.execute {
          switch result {
          case .success(let done): waiting.value.completion(.done(rows, connection, done))
          case .failure(let failure): waiting.value.completion(.notSynced(rows, failure))
          }
        }
      }
    }
  }

  /// Why there is nothing to sync with.
  fileprivate static func failure(
    _ result: Result<[RepositoryConnection], StoreError>, _ connection: RepositoryConnection?
  ) -> RequestFailure {
    if case .failure(let error) = result { return RequestFailure(503, "\(error)", type: "internal_error") }
    let text =
      switch connection {
      case nil: "No GitHub connection configured for this project"
      case .some(let connection) where connection.url == nil: SyncFailure.noURL.text
      case .some(let connection) where connection.isPullOnly: SyncFailure.pullOnly.text
      default: "This server does not sync repositories"
      }
    return RequestFailure(422, text, type: "github_sync_error")
  }

  // MARK: Over HTTP

  static func answer(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    let message = (try? JSONValue(parsing: call.request.body))?["commit_message"]?.string
    if let problem = problem(of: message) { return call.respond(WorkflowRoutes.response(to: problem)) }
    run(id, actor: call.actor, message: message ?? "", call.gateway) { outcome in
      switch outcome {
      case .done(let rows, let connection, let result):
        call.respond(.json(200, members(rows, connection, result).serialized()))
      case .notSaved(let reply): call.respond(WorkflowRoutes.response(to: reply))
      case .noRepository(let failure): call.respond(WorkflowRoutes.response(to: failure))
      case .notSynced(let rows, let failure): call.respond(response(rows, failure))
      }
    }
  }

  /// What those who asked are told when all went well.
  static func members(_ rows: WorkflowRows, _ connection: RepositoryConnection, _ result: SyncResult) -> JSONValue {
    var members = WorkflowRoutes.saved(rows).object ?? [:]
    members["saved_at"] = .string(ISODate.now)
    members["repo"] = .string(connection.name)
    members["commit"] = JSONValue(result.commit)
    members["pushed"] = .bool(result.outcome == .pushed)
    return .object(members)
  }

  /// The save is done: that has to be told beside the failure.
  private static func response(_ rows: WorkflowRows, _ failure: SyncFailure) -> HTTPResponse {
    let body: JSONValue = [
      "errors": ["base": [.string(text(failure))]], "type": "github_sync_error", "saved": true,
      "lock_version": JSONValue(rows.lockVersion), "kind": .string(failure.kind),
    ]
    return .json(failure.isTemporary ? 503 : 422, body.serialized())
  }

  /// A failure in words.
  static func text(_ failure: SyncFailure) -> String {
    let rest = failure.isTemporary ? "; it is tried again by itself" : ""
    return "Saved, but not synced: \(failure.text)\(rest)"
  }
}
