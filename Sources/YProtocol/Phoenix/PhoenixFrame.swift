/// A binary frame of Phoenix channels as a server sends it, serializer version 2: the kind, the lengths of the texts in a byte
/// each, the texts, and the payload up to the end.
public enum PhoenixFrame: Hashable, Sendable {
  /// A message for the client that joined under `joinRef`.
  case push(joinRef: String, topic: String, event: String, payload: [UInt8])
  /// The answer to the message `ref`.
  case reply(joinRef: String, ref: String, topic: String, status: String, payload: [UInt8])
  /// The same for everybody who is in the topic.
  case broadcast(topic: String, event: String, payload: [UInt8])

  enum Kind {
    static let push: UInt8 = 0
    static let reply: UInt8 = 1
    static let broadcast: UInt8 = 2
  }

  /// The texts of a head have this many bytes at most.
  public static let maximumTextBytes = 255

  /// The frame. Each text has to be within `maximumTextBytes`; what is longer is cut.
  public func encoded() -> [UInt8] {
    switch self {
    case .push(let joinRef, let topic, let event, let payload):
      Self.frame(Kind.push, [joinRef, topic, event], payload)
    case .reply(let joinRef, let ref, let topic, let status, let payload):
      Self.frame(Kind.reply, [joinRef, ref, topic, status], payload)
    case .broadcast(let topic, let event, let payload):
      Self.frame(Kind.broadcast, [topic, event], payload)
    }
  }

  private static func frame(_ kind: UInt8, _ texts: [String], _ payload: [UInt8]) -> [UInt8] {
    let texts = texts.map { Array($0.utf8.prefix(maximumTextBytes)) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1 + texts.count + texts.reduce(payload.count) { $0 + $1.count })
    bytes.append(kind)
    for text in texts { bytes.append(UInt8(text.count)) }
    for text in texts { bytes += text }
    bytes += payload
    return bytes
  }
}
