/// What sends an answer piece by piece.
protocol HTTPStreamer: AnyObject {
  /// What was sent has left for the kernel.
  func drained()
  /// The connection is gone. The last call.
  func closed()
}
