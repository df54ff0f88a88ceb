/// Stands in before the loop has started and after it has ended.
final class NoDelegate: ServerDelegate {
  func received(_ request: HTTPRequest, exchange: HTTPExchange) {}
  func decideUpgrade(_ request: HTTPRequest, exchange: HTTPExchange) -> UpgradeDecision { .later }
  func opened(_ connection: Connection) {}
  func received(_ message: UnsafeRawBufferPointer, isBinary: Bool, from connection: Connection) {}
  func lagging(_ connection: Connection) {}
  func caughtUp(_ connection: Connection) {}
  func closed(_ connection: Connection, code: WebSocketCloseCode) {}
  func tick(now: Milliseconds) {}
}
