/// Why a document cannot be had or kept.
public enum ClientError: Error, Hashable, Sendable {
  /// The server's address is not of the form `ws://host:port/path`. Encrypted connections are not offered yet.
  case unusableAddress(String)
  /// What answered is no websocket endpoint.
  case noWebSocket
  /// The connection ended with this websocket close code, nil if it just broke.
  case disconnected(code: UInt16?)
  /// Nothing was heard from the server for too long.
  case silence
  /// The server does not give this document, or takes no edits of it, for this reason.
  case refused(String)
  /// The document was closed here.
  case closed
}

extension ClientError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unusableAddress(let address): "\(address) is no address of the form ws://host:port/path"
    case .noWebSocket: "the server does not speak websocket there"
    case .disconnected(let code): code.map { "the connection was closed with \($0)" } ?? "the connection broke"
    case .silence: "the server has gone silent"
    case .refused(let reason): "refused: \(reason)"
    case .closed: "the document was closed"
    }
  }
}
