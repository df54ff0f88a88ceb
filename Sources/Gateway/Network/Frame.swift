internal import CWebSockets

/// One message as bytes on the wire, made once and shared by all connections of the loop that it is sent to.
///
/// Confined to the loop's thread.
struct Frame: ~Copyable {
  enum Kind {
    case binary
    case text
  }

  let pointer: OpaquePointer

  /// Copies the payload. O(bytes), one allocation.
  init(_ payload: UnsafeRawBufferPointer, _ kind: Kind = .binary) {
    let bytes = payload.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard let pointer = cws_frame_create(bytes, payload.count, kind == .binary) else {
      fatalError("no memory for a frame of \(payload.count) bytes")
    }
    self.pointer = pointer
  }

  /// Copies the payload. O(bytes), one allocation.
  init(_ payload: [UInt8], _ kind: Kind = .binary) {
    self.init(payload.span.bytes, kind)
  }

  /// A text message.
  init(text: String) {
    var text = text
    text.makeContiguousUTF8()
    self.init(text.utf8.span.bytes, .text)
  }

  private init(_ payload: RawSpan, _ kind: Kind) {
    self = payload.withUnsafeBytes { Frame($0, kind) }
  }

  deinit {
    cws_frame_release(pointer)
  }

  /// Bytes on the wire.
  var size: Int {
    cws_frame_size(pointer)
  }
}
