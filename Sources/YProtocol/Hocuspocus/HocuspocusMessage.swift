/// One message of the Hocuspocus protocol about one document. A websocket carries many documents; see `HocuspocusFrame`.
public enum HocuspocusMessage: Hashable, Sendable {
  /// What the y-websocket protocol has as well: step 1 and 2, updates, awareness, and the question for awareness.
  case shared(Message)
  /// From a client: who it is, for this document.
  case token(String)
  /// The client has the document from here on.
  case authenticated(isReadOnly: Bool)
  case permissionDenied(reason: String)
  /// What applications say to each other, which is nothing of the document.
  case stateless(String)
  /// For each step 2 or update of a client, in order: whether it is stored.
  case syncStatus(isStored: Bool)
  /// The document, and not the websocket, is closed.
  case close(reason: String)
  /// A message of a type that this version does not know, or that is none for a server. To be ignored.
  case unknown(type: UInt64)
}

extension HocuspocusMessage {
  enum Kind {
    static let sync: UInt64 = 0
    static let awareness: UInt64 = 1
    static let authentication: UInt64 = 2
    static let queryAwareness: UInt64 = 3
    /// A sync message to which no step 1 is to be sent back.
    static let syncReply: UInt64 = 4
    static let stateless: UInt64 = 5
    static let close: UInt64 = 7
    static let syncStatus: UInt64 = 8
  }

  enum AuthenticationKind {
    static let token: UInt64 = 0
    static let permissionDenied: UInt64 = 1
    static let authenticated: UInt64 = 2
  }
}

/// A frame of the Hocuspocus protocol.
public struct HocuspocusFrame: Hashable, Sendable {
  /// The document as the client spells it. A session of the client may follow behind a NUL; the answers have it as well.
  public var name: String
  public var message: HocuspocusMessage

  public init(name: String, _ message: HocuspocusMessage) {
    self.name = name
    self.message = message
  }

  /// The name without the session.
  public var documentName: Substring {
    name.prefix { $0 != "\0" }
  }

  /// A client asks with this frame, which has no name, whether anybody is there.
  public static let ping: [UInt8] = [9]
  public static let pong: [UInt8] = [10]
  /// Names have this many bytes at most.
  public static let maximumNameBytes = 1024
}
