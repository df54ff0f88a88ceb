import YProtocol

/// The last whole document that a room sent, as it went out. Of many that join at once each gets the same bytes: they are made, and
/// are in memory, once. Confined to the loop's thread.
final class StateFrame {
  /// Less is sooner copied.
  static let minimumBytes = 16_384

  private var update: [UInt8] = []
  private var framing = Framing.plain
  private var frame = Frame([])

  /// Sends a document, in the frame that went to the one before if it is the same array.
  func send(_ update: [UInt8], in framing: Framing, to connection: Connection) {
    if framing != self.framing || !isSame(update) {
      frame = framing.frame(.syncStep2(update))
      (self.update, self.framing) = (update, framing)
    }
    connection.send(frame)
  }

  func forget() {
    frame = Frame([])
    update = []
  }

  /// As long as we hold the array nothing else is at its place.
  private func isSame(_ other: [UInt8]) -> Bool {
    update.withUnsafeBufferPointer { ours in
      other.withUnsafeBufferPointer { $0.baseAddress == ours.baseAddress && $0.count == ours.count }
    }
  }
}
