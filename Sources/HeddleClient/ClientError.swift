/// Why a document cannot be had or kept.
public enum ClientError: Error, Hashable, Sendable {
  /// The server's address is not of the form `ws://host:port/path`. Encrypted connections are not offered yet.
  case unusableAddress(String)
  /// There is no way to the server, for this reason.
  case unreachable(String)
  /// What answered is no websocket endpoint.
  case noWebSocket
  /// The connection ended with this websocket close code, nil if it just broke, and what the server said of it.
  case disconnected(code: UInt16?, reason: String)
  /// Nothing was heard from the server for too long.
  case silence
  /// There is no token to show, for this reason.
  case noToken(String)
  /// The server wants another token, for this reason.
  case unauthorized(String)
  /// The server does not give this document, for this reason.
  case refused(String)
  /// The server takes no edits of this document, for this reason.
  case readOnly(String)
  /// The document was closed here.
  case closed
}

extension ClientError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unusableAddress(let address): "\(address) is no address of the form ws://host:port/path"
    case .unreachable(let reason): "the server cannot be reached: \(reason)"
    case .noWebSocket: "the server does not speak websocket there"
    case .disconnected(nil, _): "the connection broke"
    case .disconnected(let code?, let reason):
      "the connection was closed with \(code)\(reason.isEmpty ? "" : ": \(reason)")"
    case .silence: "the server has gone silent"
    case .noToken(let reason): "there is no token: \(reason)"
    case .unauthorized(let reason): "another token is needed: \(reason)"
    case .refused(let reason): "refused: \(reason)"
    case .readOnly(let reason): "no edits are taken: \(reason)"
    case .closed: "the document was closed"
    }
  }
}

extension ClientError {
  /// What may help.
  enum Remedy: Hashable {
    /// Another attempt, later.
    case time
    /// Another token, for this reason.
    case token(String)
    /// Nothing that the client can do, for this reason.
    case nothing(String)
  }

  var remedy: Remedy {
    switch self {
    case .disconnected(4401, let reason), .unauthorized(let reason): .token(reason)
    case .noToken: .token("\(self)")
    case .disconnected(4403, let reason), .refused(let reason), .readOnly(let reason): .nothing(reason)
    case .disconnected(let code?, _) where Self.permanentCodes.contains(code): .nothing("\(self)")
    case .unusableAddress, .closed: .nothing("\(self)")
    case .disconnected, .unreachable, .noWebSocket, .silence: .time
    }
  }

  /// Close codes that another attempt would only meet again.
  private static let permanentCodes: Set<UInt16> = [1002, 1003, 1008, 1009]
}
