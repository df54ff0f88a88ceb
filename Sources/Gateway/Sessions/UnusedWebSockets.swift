/// Websockets for many documents: one is closed over which none is open for long, or whose client does not say who it is.
/// Confined to the loop's thread.
final class UnusedWebSockets {
  private struct Entry {
    let connection: Connection
    unowned let session: WebSocketSession
    let openedAt: Milliseconds
    var usedUntil: Milliseconds
  }

  private let limit: Milliseconds
  private let introductionLimit: Milliseconds
  private var all: [ConnectionID: Entry] = [:]
  /// Is told of each that is closed because nobody knows whose it is.
  var onStranger: (WebSocketSession) -> Void = { _ in }

  init(limit: Duration, introductionLimit: Duration) {
    self.limit = Milliseconds(limit.wholeMilliseconds)
    self.introductionLimit = Milliseconds(introductionLimit.wholeMilliseconds)
  }

  /// A websocket was opened. Those that are for one document are used from the start.
  func add(_ connection: Connection, _ session: WebSocketSession, now: Milliseconds) {
    guard !session.isUsed else { return }
    all[connection.id] = Entry(connection: connection, session: session, openedAt: now, usedUntil: now)
  }

  func remove(_ connection: Connection) {
    all[connection.id] = nil
  }

  /// O(websockets for many documents).
  func tick(now: Milliseconds) {
    for (id, entry) in all {
      if entry.session.isUsed {
        all[id]?.usedUntil = now
      } else if !entry.session.isIntroduced, now - entry.openedAt >= introductionLimit {
        onStranger(entry.session)
        close(id, entry, "no token came for \(introductionLimit / 1000) s")
      } else if now - entry.usedUntil >= limit {
        close(id, entry, "no document was open for \(limit / 1000) s")
      }
    }
  }

  private func close(_ id: ConnectionID, _ entry: Entry, _ reason: String) {
    all[id] = nil
    entry.connection.close(.unused, reason: reason)
  }
}

extension WebSocketCloseCode {
  /// Nothing was done over it for too long. What Hocuspocus' own servers say to whoever does not show a token in time.
  static let unused = WebSocketCloseCode(rawValue: 4408)
}
