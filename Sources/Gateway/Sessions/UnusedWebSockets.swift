/// Websockets for many documents: one over which none is open for long is closed. Confined to the loop's thread.
final class UnusedWebSockets {
  private struct Entry {
    let connection: Connection
    unowned let session: WebSocketSession
    var usedUntil: Milliseconds
  }

  private let limit: Milliseconds
  private var all: [ConnectionID: Entry] = [:]

  init(limit: Duration) {
    self.limit = Milliseconds(limit.wholeMilliseconds)
  }

  /// A websocket was opened. Those that are for one document are used from the start.
  func add(_ connection: Connection, _ session: WebSocketSession, now: Milliseconds) {
    guard !session.isUsed else { return }
    all[connection.id] = Entry(connection: connection, session: session, usedUntil: now)
  }

  func remove(_ connection: Connection) {
    all[connection.id] = nil
  }

  /// O(websockets for many documents).
  func tick(now: Milliseconds) {
    for (id, entry) in all {
      if entry.session.isUsed {
        all[id]?.usedUntil = now
      } else if now - entry.usedUntil >= limit {
        all[id] = nil
        entry.connection.close(.unused, reason: "no document was open for \(limit / 1000) s")
      }
    }
  }
}

extension WebSocketCloseCode {
  /// Nothing was done over it for too long.
  static let unused = WebSocketCloseCode(rawValue: 4408)
}
