/// What a client of Phoenix channels pushes in a binary frame, serializer version 2.
public struct PhoenixPush: Hashable, Sendable {
  /// Names the client's membership in the topic; empty where the client has none.
  public var joinRef: String
  /// Names the message; empty where no answer is wanted.
  public var ref: String
  public var topic: String
  public var event: String
  public var payload: [UInt8]

  public init(joinRef: String, ref: String, topic: String, event: String, payload: [UInt8]) {
    self.joinRef = joinRef
    self.ref = ref
    self.topic = topic
    self.event = event
    self.payload = payload
  }

  /// Reads a frame: the kind, the lengths of four texts in a byte each, the texts, and the payload up to the end.
  public init(decoding frame: [UInt8]) throws(ProtocolError) {
    guard let kind = frame.first else { throw .malformed(.phoenixHead, ByteDecodingError(.endOfInput, at: 0)) }
    guard kind == PhoenixFrame.Kind.push else { throw .unknownPhoenixKind(kind) }
    let lengths = frame.dropFirst().prefix(4)
    var start = 5
    guard lengths.count == 4, frame.count >= start + lengths.reduce(0, { $0 + Int($1) }) else {
      throw .malformed(.phoenixHead, ByteDecodingError(.endOfInput, at: frame.count))
    }
    var texts: [String] = []
    for length in lengths {
      guard let text = String(validating: frame[start..<start + Int(length)], as: UTF8.self) else {
        throw .malformed(.phoenixHead, ByteDecodingError(.invalidUTF8, at: start))
      }
      texts.append(text)
      start += Int(length)
    }
    self.init(joinRef: texts[0], ref: texts[1], topic: texts[2], event: texts[3], payload: Array(frame[start...]))
  }
}
