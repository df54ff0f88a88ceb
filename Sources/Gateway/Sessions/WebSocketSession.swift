/// What hangs on a websocket between its handshake and its end: a client, in the protocol that it speaks. Confined to the
/// loop's thread.
class WebSocketSession {
  let directory: RoomDirectory
  /// Who the client is to the network.
  var peer = Peer(socket: NetworkAddress(high: 0, low: 0), port: 0)

  init(_ directory: RoomDirectory) {
    self.directory = directory
  }

  /// Whether a document is open over it. One without any for long is closed.
  var isUsed: Bool { true }

  /// Whether its client has said who it is, or need not. One that does not is closed.
  var isIntroduced: Bool { true }

  /// The handshake is done.
  func opened(_ connection: Connection) {}

  /// A whole message, which is valid during the call only.
  func received(_ bytes: UnsafeRawBufferPointer, isBinary: Bool, from connection: Connection) {}

  /// What is sent from now on does not arrive, until `caughtUp`.
  func lagging() {}

  func caughtUp(_ connection: Connection) {}

  /// The last call.
  func closed() {}
}
