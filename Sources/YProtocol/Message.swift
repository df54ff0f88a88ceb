/// One message of the y-websocket protocol. A frame holds exactly one.
///
/// Updates and state vectors are carried as bytes: the engine reads them, once, where they are applied.
public enum Message: Hashable, Codable, Sendable {
  /// "This is what I have": an encoded state vector. The peer answers with step 2.
  case syncStep1([UInt8])
  /// The answer to step 1: an update with everything that the peer lacks.
  case syncStep2([UInt8])
  /// An edit.
  case update([UInt8])
  /// Who is here: an encoded awareness update (see `Awareness`).
  case awareness([UInt8])
  /// Asks for the awareness of everybody.
  case queryAwareness
  /// The peer may not have this document.
  case permissionDenied(reason: String)
  /// Asks for, and is, an acknowledgement: the payload comes back once everything sent before it is stored.
  case syncStatus([UInt8])
  /// From a client: asks for events. To a client: an event, as JSON.
  case event(String)
  /// A message of a type that this version does not know. To be ignored, so that newer clients can connect.
  case unknown(type: UInt64)
}

extension Message {
  /// The longest payload of a sync status. It holds a counter of the client; the server keeps it until the commit.
  public static let maximumSyncStatusBytes = 64

  enum Kind {
    static let sync: UInt64 = 0
    static let awareness: UInt64 = 1
    static let authentication: UInt64 = 2
    static let queryAwareness: UInt64 = 3
    static let syncStatus: UInt64 = 102
    static let event: UInt64 = 103
  }

  enum SyncKind {
    static let step1: UInt64 = 0
    static let step2: UInt64 = 1
    static let update: UInt64 = 2
  }

  enum AuthenticationKind {
    static let permissionDenied: UInt64 = 0
  }
}
