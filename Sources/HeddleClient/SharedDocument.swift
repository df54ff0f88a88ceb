public import YCRDT
import YProtocol

/// A document on a server, kept in step with it: what is edited here goes there, what others edit comes here.
///
/// It connects by itself and, when the connection breaks, again and again, waiting longer each time. Editing goes on
/// meanwhile; what was edited offline is merged when the server is back. The actor is the document's one executor.
///
/// Where the server wants tokens, one is asked for before each connection, and shortly before it is over:
///
///     let document = try SharedDocument("workflow:…", on: "ws://127.0.0.1:4400/collab") { try await session.token() }
///
/// What was edited stays in the document whatever becomes of the connection, the token and the right to edit.
public actor SharedDocument {
  /// Gives a token for a connection: one from `POST /api/tokens`, or any other that the server takes.
  public typealias TokenProvider = @Sendable () async throws -> String

  /// How things stand with the server.
  public enum Status: Hashable, Sendable {
    /// There is no connection, or it is being made.
    case offline
    /// Everything that the server had at the time of connecting is here.
    case synced
    /// As synced, but edits are not taken, for this reason.
    case readOnly(String)
    /// The server wants another token, for this reason. The provider is asked again after a while, longer each time, and
    /// at once by `connect()`.
    case unauthorized(String)
    /// The server does not give this document, for this reason. No further attempt is made, but by `connect()`.
    case refused(String)
    /// The document was closed here.
    case closed
  }

  /// How things stand with the server.
  public private(set) var status = Status.offline
  /// Why the last connection ended, or there was none; nil before that.
  public internal(set) var lastFailure: ClientError?

  let doc: Doc
  let tokens: TokenProvider?
  var awareness: ClientAwareness
  let outbox = Outbox()
  var connection: AsyncStream<[UInt8]>.Continuation?
  var lastHeard = ContinuousClock.now
  var pace = Pace()
  /// Whether the server has asked for edits on this connection: then it takes them.
  var isAskedForEdits = false
  var awaited = SaveQueue()
  private var listeners = Listeners()
  private let address: ServerAddress
  private var loop: Task<Void, Never>?

  /// A document of a server, named by the base of its y-websocket endpoint: `ws://127.0.0.1:4400/collab`. It connects
  /// at once, and stays until it is closed or released. `token` is asked for a token before each connection; it had better
  /// not keep the document.
  public init(_ name: String, on server: String, token: TokenProvider? = nil) throws(ClientError) {
    address = try ServerAddress(server: server, document: name)
    tokens = token
    let doc = Doc()
    outbox.subscription = doc.observeUpdates { [outbox] in outbox.events.append($0) }
    awareness = ClientAwareness(client: doc.clientID)
    self.doc = doc
    let weakly = WeakDocument(self)
    Task { await weakly.document?.connect() }
  }

  deinit {
    loop?.cancel()
  }

  /// Makes the next attempt to connect at once, also where the server has refused the document or the token: somebody may
  /// have become a member, or signed in, meanwhile. Where there is a connection it does nothing.
  public func connect() {
    guard status != .closed, connection == nil else { return }
    loop?.cancel()
    if case .refused = status { set(.offline) }
    loop = Task { [address, tokens, weakly = WeakDocument(self)] in
      await Self.stayConnected(to: address, tokens, weakly)
    }
  }

  // MARK: - Editing

  /// Edits the document in one transaction; what was changed goes to the server at once, or when it is back.
  ///
  /// If `body` throws, what it wrote so far stays. Shared types must not leave it. Where the server takes no edits it is not
  /// called, and `ClientError.readOnly` is thrown.
  public func edit<R: Sendable>(_ body: @Sendable (Doc) throws -> R) throws -> R {
    if case .readOnly(let reason) = status { throw ClientError.readOnly(reason) }
    defer { flush() }
    return try doc.transact { try body(doc) }
  }

  /// Reads the document. Shared types must not leave `body`.
  public func read<R: Sendable>(_ body: @Sendable (Doc) throws -> R) rethrows -> R {
    try body(doc)
  }

  /// Waits until everything that was edited here so far is stored by the server, and survives its loss.
  ///
  /// Heddle says so; other servers of the protocol may not, and this then waits until the task is cancelled.
  public func saved() async throws {
    if let error = status.error { throw error }
    let number = awaited.newNumber()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
        awaited.add(number, continuation)
        if status == .synced { send(.syncStatus(SaveQueue.payload(number))) }
      }
    } onCancel: {
      Task { await self.forget(number) }
    }
  }

  private func forget(_ number: UInt64) {
    awaited.fail(number, CancellationError())
  }

  /// Ends the connection once everything was sent; the document stays readable.
  public func close() async {
    set(.closed)
    listeners.finish()
    guard let loop else { return }
    guard let connection else { return loop.cancel() }
    connection.finish()
    self.connection = nil
    let deadline = Task {
      try await Task.sleep(for: .seconds(5))
      loop.cancel()
    }
    await loop.value
    deadline.cancel()
  }

  // MARK: - Watching

  /// Says after each change that there was one, at once for the present content. Changes that come while one is being
  /// looked at are told once.
  public func changes() -> AsyncStream<Void> {
    listeners.changes(isClosed: status == .closed)
  }

  /// The status now, and whenever it changes.
  public func statuses() -> AsyncStream<Status> {
    listeners.statuses(from: status)
  }

  /// Waits until everything that the server has is here. Throws if the server refuses the document.
  public func synced() async throws {
    for await status in statuses() {
      switch status {
      case .synced, .readOnly: return
      case .refused, .unauthorized: if let error = status.error { throw error }
      case .offline, .closed: continue
      }
    }
    throw Task.isCancelled ? CancellationError() : ClientError.closed
  }

  // MARK: - Showing oneself

  /// Shows others who is here, as any `Encodable`: by custom an object with `user` and `cursor`.
  public func show(_ state: some Encodable & Sendable) throws {
    send(.awareness(awareness.show(try YValue(encoding: state).jsonText)))
  }

  /// Shows nothing any more.
  public func hide() {
    send(.awareness(awareness.show(nil)))
  }

  /// What others show of themselves, by client.
  public func others() -> [ClientID: YValue] {
    awareness.others.compactMapValues { YValue(jsonText: $0) }
  }

  // MARK: - For the connection

  func set(_ status: Status) {
    guard self.status != status, self.status != .closed else { return }
    self.status = status
    listeners.tell(status)
    if let error = status.error { awaited.failAll(error) }
  }

  /// Whether there will be no further connection, unless somebody asks for one.
  var isOver: Bool {
    switch status {
    case .refused, .closed: true
    case .offline, .synced, .readOnly, .unauthorized: false
    }
  }

  func send(_ message: Message) {
    connection?.yield(message.encoded())
  }

  func tellOfChange() {
    listeners.tellOfChange()
  }

  /// Sends what transactions have left in the outbox.
  func flush() {
    let events = outbox.events
    outbox.events.removeAll()
    for event in events where event.isLocal { send(.update(event.update)) }
    if !events.isEmpty { listeners.tellOfChange() }
  }
}

extension SharedDocument.Status {
  /// Why nothing will be stored as things stand.
  fileprivate var error: ClientError? {
    switch self {
    case .closed: .closed
    case .refused(let reason): .refused(reason)
    case .unauthorized(let reason): .unauthorized(reason)
    case .readOnly(let reason): .readOnly(reason)
    case .offline, .synced: nil
    }
  }
}

/// Lets the task that keeps the connection not keep the document. Sound as `@unchecked Sendable`: it never changes.
final class WeakDocument: @unchecked Sendable {
  private(set) weak var document: SharedDocument?

  init(_ document: SharedDocument) {
    self.document = document
  }
}

/// What transactions have announced and nobody has been told yet. Only its actor touches it.
final class Outbox {
  var events: [UpdateEvent] = []
  var subscription: Subscription?
}
