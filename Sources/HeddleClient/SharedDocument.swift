public import YCRDT
import YProtocol

/// A document on a server, kept in step with it: what is edited here goes there, what others edit comes here.
///
/// It connects by itself and, when the connection breaks, again and again, waiting longer each time. Editing goes on
/// meanwhile; what was edited offline is merged when the server is back. The actor is the document's one executor.
public actor SharedDocument {
  /// How things stand with the server.
  public enum Status: Hashable, Sendable {
    /// There is no connection, or it is being made.
    case offline
    /// Everything that the server had at the time of connecting is here.
    case synced
    /// As synced, but edits are not taken, for this reason.
    case readOnly(String)
    /// The server does not give this document, for this reason. No further attempt is made.
    case refused(String)
    /// The document was closed here.
    case closed
  }

  /// How things stand with the server.
  public private(set) var status = Status.offline

  let doc: Doc
  var awareness: ClientAwareness
  let outbox = Outbox()
  var connection: AsyncStream<[UInt8]>.Continuation?
  var lastHeard = ContinuousClock.now
  var connectedSince: ContinuousClock.Instant?
  var awaited = SaveQueue()
  private var listeners = Listeners()
  private var loop: Task<Void, Never>?

  /// A document of a server, named by the base of its y-websocket endpoint: `ws://127.0.0.1:4400/collab`. It connects
  /// at once, and stays until it is closed or released.
  public init(_ name: String, on server: String) throws(ClientError) {
    let address = try ServerAddress(server: server, document: name)
    let doc = Doc()
    outbox.subscription = doc.observeUpdates { [outbox] in outbox.events.append($0) }
    awareness = ClientAwareness(client: doc.clientID)
    self.doc = doc
    let weakly = WeakDocument(self)
    Task { await weakly.document?.start(address) }
  }

  deinit {
    loop?.cancel()
  }

  private func start(_ address: ServerAddress) {
    guard status != .closed else { return }
    let weakly = WeakDocument(self)
    loop = Task { await Self.stayConnected(to: address, weakly) }
  }

  // MARK: - Editing

  /// Edits the document in one transaction; what was changed goes to the server at once, or when it is back.
  ///
  /// If `body` throws, what it wrote so far stays. Shared types must not leave it.
  public func edit<R: Sendable>(_ body: @Sendable (Doc) throws -> R) throws -> R {
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
    switch status {
    case .closed: throw ClientError.closed
    case .refused(let reason), .readOnly(let reason): throw ClientError.refused(reason)
    case .offline, .synced: break
    }
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
    if connection == nil { loop.cancel() }
    connection?.finish()
    connection = nil
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
      case .refused(let reason): throw ClientError.refused(reason)
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
    switch status {
    case .closed: awaited.failAll(ClientError.closed)
    case .refused(let reason), .readOnly(let reason): awaited.failAll(ClientError.refused(reason))
    case .offline, .synced: break
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
