internal import CWebSockets

/// A websocket: one word, without reference counting.
///
/// Confined to the loop's thread, and valid from `ServerDelegate.opened` until `closed` has returned. What stays longer, or
/// leaves the thread, keeps the `id` and asks `EventLoop.connection(_:)` again.
struct Connection: Equatable {
  let pointer: OpaquePointer

  /// The handle that may leave the loop.
  var id: ConnectionID {
    let id = cws_ws_id(pointer)
    return ConnectionID(slot: id.slot, generation: id.generation)
  }

  /// The attached object, if there is one. It stays attached until `ServerDelegate.closed` has returned.
  ///
  /// Retained while attached, so reading it needs no look-up; use `withObject` where even a retain is too much.
  var object: AnyObject? {
    cws_ws_object(pointer).map { Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Attaches an object in place of the one attached before.
  func attach(_ object: AnyObject?) {
    let previous = cws_ws_object(pointer)
    cws_ws_set_object(pointer, object.map { Unmanaged.passRetained($0).toOpaque() })
    if let previous { Unmanaged<AnyObject>.fromOpaque(previous).release() }
  }

  /// The attached object, which must be a `T`, without a retain or a check (in release builds).
  func withObject<T: AnyObject, Result>(as type: T.Type, _ body: (T) -> Result) -> Result? {
    guard let raw = cws_ws_object(pointer) else { return nil }
    assert(object is T, "another type of object is attached")
    return Unmanaged<T>.fromOpaque(raw)._withUnsafeGuaranteedRef(body)
  }

  /// Queues a frame; it leaves at the end of this turn of the loop, together with the others for this connection.
  /// False when it is not queued because the connection is lagging or closing. O(1), no allocation.
  @discardableResult
  func send(_ frame: borrowing Frame) -> Bool {
    cws_ws_send(pointer, frame.pointer)
  }

  /// Closes after what is queued was sent. The reason is cut to 123 bytes.
  func close(_ code: WebSocketCloseCode, reason: String = "") {
    reason.withCString { cws_ws_close(pointer, code.rawValue, $0, reason.utf8.count) }
  }

  /// Cuts the connection at the end of this turn of the loop, without a close frame.
  func kill() {
    cws_ws_kill(pointer)
  }

  /// Whether sends are ignored until `ServerDelegate.caughtUp`.
  var isLagging: Bool {
    cws_ws_is_lagging(pointer)
  }

  /// Bytes that wait in the queue.
  var queuedBytes: Int {
    cws_ws_queued_bytes(pointer)
  }
}
