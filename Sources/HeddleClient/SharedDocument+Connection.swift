import YCRDT
import YProtocol

/// Staying connected, and what goes back and forth.
extension SharedDocument {
  /// A server that says nothing for so long is taken for lost. Heddle says something every 20 s.
  private static let maximumSilence = Duration.seconds(45)
  /// A client shows itself this often, to be taken for present.
  private static let renewal = Duration.seconds(15)
  /// What is said where the server says nothing of why.
  private static let readersReason = "the server takes no edits of this document from you"

  /// Connects again and again, until the document is closed, refused or released.
  static func stayConnected(to address: ServerAddress, _ tokens: TokenProvider?, _ weakly: WeakDocument) async {
    var fresh: String?
    while !Task.isCancelled {
      var failure: ClientError?
      do {
        let token = if let fresh { fresh } else { try await token(of: tokens) }
        fresh = try await connection(to: address, token, tokens, weakly)
      } catch {
        fresh = nil
        failure = error as? ClientError ?? .unreachable("\(error)")
      }
      guard !Task.isCancelled, let delay = await weakly.document?.disconnected(failure) else { return }
      try? await Task.sleep(for: delay)
    }
  }

  private static func token(of tokens: TokenProvider?) async throws -> String? {
    do {
      return try await tokens?()
    } catch {
      throw ClientError.noToken("\(error)")
    }
  }

  /// One connection, from its begin to its end, which is an error, or another token to go on with.
  private static func connection(
    to address: ServerAddress, _ token: String?, _ tokens: TokenProvider?, _ weakly: WeakDocument
  ) async throws -> String? {
    let socket = try await WebSocket.connect(to: address, token: token)
    guard let outgoing = await weakly.document?.connected() else {
      await socket.close()
      throw ClientError.closed
    }
    return try await withThrowingTaskGroup(of: String?.self) { group in
      group.addTask {
        try await socket.run(sending: outgoing) { bytes in try await weakly.document?.receive(bytes) }
        return nil
      }
      group.addTask { try await watch(weakly) }
      group.addTask { try await successor(of: token, tokens) }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  /// Renews the awareness, and ends with an error when the server is silent.
  private static func watch(_ weakly: WeakDocument) async throws -> String? {
    while true {
      try await Task.sleep(for: renewal)
      try await weakly.document?.renew()
    }
  }

  /// Waits until the token is soon over, and for another one: the next connection then is there before this one is cut.
  private static func successor(of token: String?, _ tokens: TokenProvider?) async throws -> String {
    while let token, let tokens, let wait = TokenExpiry.wait(for: token) {
      try await Task.sleep(for: wait)
      if let next = try? await tokens(), next != token { return next }
    }
    // The server says when it is over, or nobody.
    while true { try await Task.sleep(for: .seconds(86_400)) }
  }

  private func renew() throws {
    guard lastHeard.duration(to: .now) < Self.maximumSilence else { throw ClientError.silence }
    awareness.removeSilentClients(now: Self.milliseconds())
    if let update = awareness.renewed() { send(.awareness(update)) }
  }

  /// A connection is there: both sides say what they have.
  private func connected() -> AsyncStream<[UInt8]>? {
    guard connection == nil, !Task.isCancelled, !isOver else { return nil }
    let (outgoing, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    connection = continuation
    lastHeard = .now
    pace.connected()
    isAskedForEdits = false
    send(.syncStep1(doc.stateVector.encoded()))
    if let update = awareness.renewed() { send(.awareness(update)) }
    return outgoing
  }

  /// The connection is gone, or there was none. Returns after how long the next attempt is made, nil for none.
  private func disconnected(_ failure: ClientError?) -> Duration? {
    connection?.finish()
    connection = nil
    awareness.removeOthers()
    pace.disconnected()
    guard !isOver else { return nil }
    lastFailure = failure
    switch failure?.remedy {
    case nil:
      set(.offline)
      return .zero
    case .time:
      set(.offline)
      return pace.delay()
    case .token(let reason): return wantToken(reason)
    case .nothing(let reason):
      set(.refused(reason))
      return nil
    }
  }

  private func wantToken(_ reason: String) -> Duration? {
    guard tokens != nil else {
      set(.refused(reason))
      return nil
    }
    guard let delay = pace.delayForToken() else {
      set(.offline)
      return .zero
    }
    set(.unauthorized(reason))
    return delay
  }

  // MARK: - Messages

  private func receive(_ frame: [UInt8]) throws {
    lastHeard = .now
    guard !frame.isEmpty else { return }
    switch try Message(decoding: frame) {
    case .syncStep1(let bytes): try tellEdits(since: bytes)
    case .syncStep2(let update):
      try apply(update)
      set(isAskedForEdits ? .synced : readOnlyStatus)
    case .update(let update): try apply(update)
    case .awareness(let update):
      if let answer = try awareness.apply(update, now: Self.milliseconds()) { send(.awareness(answer)) }
      tellOfChange()
    case .queryAwareness: if let update = awareness.renewed() { send(.awareness(update)) }
    case .permissionDenied(let reason): try denied(reason)
    case .syncStatus(let payload): awaited.succeed(payload)
    case .event, .unknown: break
    }
  }

  /// Only who may write is asked for edits, at the begin or once it may.
  private func tellEdits(since stateVector: [UInt8]) throws {
    isAskedForEdits = true
    send(.syncStep2(doc.encodeStateAsUpdate(since: try StateVector(decoding: stateVector))))
    for number in awaited.numbers { send(.syncStatus(SaveQueue.payload(number))) }
    if case .readOnly = status { set(.synced) }
  }

  /// As it was, or as it is where it was not.
  private var readOnlyStatus: Status {
    if case .readOnly = status { status } else { .readOnly(Self.readersReason) }
  }

  /// The server says this to who has just become a reader, and to who is not to have the document at all.
  private func denied(_ reason: String) throws {
    switch status {
    case .synced, .readOnly:
      isAskedForEdits = false
      set(.readOnly(reason))
    case .offline, .unauthorized, .refused, .closed: throw ClientError.refused(reason)
    }
  }

  private func apply(_ update: [UInt8]) throws {
    defer { flush() }
    try doc.apply(update, origin: "server")
  }

  private static let start = ContinuousClock.now

  private static func milliseconds() -> Int64 {
    let elapsed = start.duration(to: .now).components
    return elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
  }
}
