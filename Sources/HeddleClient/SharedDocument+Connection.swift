import YCRDT
import YProtocol

/// Staying connected, and what goes back and forth.
extension SharedDocument {
  /// A server that says nothing for so long is taken for lost. Heddle says something every 20 s.
  private static let maximumSilence = Duration.seconds(45)
  /// A client shows itself this often, to be taken for present.
  private static let renewal = Duration.seconds(15)
  /// A connection that lasted this long was a good one: the next attempt is made at once.
  private static let steady = Duration.seconds(5)
  /// Close codes that another attempt would only meet again.
  private static let permanentCodes: Set<UInt16> = [1002, 1003, 1008, 1009]

  /// Connects again and again, until the document is closed, refused or released.
  static func stayConnected(to address: ServerAddress, _ weakly: WeakDocument) async {
    var backoff = Backoff()
    while !Task.isCancelled {
      do {
        let socket = try await WebSocket.connect(to: address)
        guard let outgoing = await weakly.document?.connected() else { return await socket.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            try await socket.run(sending: outgoing) { bytes in try await weakly.document?.receive(bytes) }
          }
          group.addTask { try await watch(weakly) }
          defer { group.cancelAll() }
          try await group.next()
        }
      } catch ClientError.disconnected(let code?) where permanentCodes.contains(code) {
        await weakly.document?.set(.refused("\(ClientError.disconnected(code: code))"))
      } catch {
        // The next attempt tells.
      }
      guard let isOver = await weakly.document?.disconnected(resetting: &backoff), !isOver else { return }
      try? await Task.sleep(for: backoff.delay(chance: .random(in: 0...1)))
    }
  }

  /// Renews the awareness, and ends with an error when the server is silent.
  private static func watch(_ weakly: WeakDocument) async throws {
    while true {
      try await Task.sleep(for: renewal)
      try await weakly.document?.renew()
    }
  }

  private func renew() throws {
    guard lastHeard.duration(to: .now) < Self.maximumSilence else { throw ClientError.silence }
    awareness.removeSilentClients(now: Self.milliseconds())
    if let update = awareness.renewed() { send(.awareness(update)) }
  }

  /// A connection is there: both sides say what they have.
  private func connected() -> AsyncStream<[UInt8]>? {
    guard status == .offline else { return nil }
    let (outgoing, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    connection = continuation
    lastHeard = .now
    connectedSince = .now
    send(.syncStep1(doc.stateVector.encoded()))
    if let update = awareness.renewed() { send(.awareness(update)) }
    return outgoing
  }

  /// The connection is gone. Returns whether that is for good.
  private func disconnected(resetting backoff: inout Backoff) -> Bool {
    connection?.finish()
    connection = nil
    awareness.removeOthers()
    if case .refused = status { return true }
    if let connectedSince, connectedSince.duration(to: .now) > Self.steady { backoff.reset() }
    connectedSince = nil
    set(.offline)
    return status == .closed
  }

  // MARK: - Messages

  private func receive(_ frame: [UInt8]) throws {
    lastHeard = .now
    guard !frame.isEmpty else { return }
    switch try Message(decoding: frame) {
    case .syncStep1(let bytes):
      send(.syncStep2(doc.encodeStateAsUpdate(since: try StateVector(decoding: bytes))))
      for number in awaited.numbers { send(.syncStatus(SaveQueue.payload(number))) }
    case .syncStep2(let update):
      try apply(update)
      if status == .offline { set(.synced) }
    case .update(let update): try apply(update)
    case .awareness(let update):
      if let answer = try awareness.apply(update, now: Self.milliseconds()) { send(.awareness(answer)) }
      tellOfChange()
    case .queryAwareness: if let update = awareness.renewed() { send(.awareness(update)) }
    case .permissionDenied(let reason):
      if status == .synced { return set(.readOnly(reason)) }
      set(.refused(reason))
      throw ClientError.refused(reason)
    case .syncStatus(let payload): awaited.succeed(payload)
    case .event, .unknown: break
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
