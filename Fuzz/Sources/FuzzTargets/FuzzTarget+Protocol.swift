import YCRDT
import YProtocol

extension FuzzTarget {
  static func runMessage(_ bytes: [UInt8]) throws(Finding) {
    guard let message = try? Message(decoding: bytes) else { return }
    if case .unknown = message { return }
    let again = try accepted("a message as we write it") { try Message(decoding: message.encoded()) }
    try require(again == message, "another message after a round trip")
    try handle(message)
  }

  static func runHocuspocus(_ bytes: [UInt8]) throws(Finding) {
    guard let frame = try? HocuspocusFrame(decoding: bytes) else { return }
    if case .unknown = frame.message { return }
    let again = try accepted("a frame as we write it") { try HocuspocusFrame(decoding: frame.encoded()) }
    try require(again == frame, "another frame after a round trip")
    if case .shared(let message) = frame.message { try handle(message) }
  }

  static func runPhoenix(_ bytes: [UInt8]) throws(Finding) {
    guard let push = try? PhoenixPush(decoding: bytes) else { return }
    let texts = [push.joinRef, push.ref, push.topic, push.event].map { Array($0.utf8) }
    let head = [UInt8(0)] + texts.map { UInt8($0.count) } + texts.joined()
    try require(head + push.payload == bytes, "a push does not have the bytes that it was read from")
    try checkMessage(of: push, bytes)
    if let message = try? Message(decoding: push.payload) { try handle(message) }
  }

  /// What a room does with a message.
  private static func handle(_ message: Message) throws(Finding) {
    switch message {
    case .syncStep1(let vector):
      if let known = try? StateVector(decoding: vector) { _ = Doc(clientID: 1).encodeStateAsUpdate(since: known) }
    case .syncStep2(let update), .update(let update): try apply(update, to: Doc(clientID: 1 << 40))
    case .awareness(let update): try runAwareness(update)
    default: break
    }
  }

  static func runAwareness(_ bytes: [UInt8]) throws(Finding) {
    var awareness = Awareness()
    guard let change = try? awareness.apply(bytes, from: 1, now: 0) else {
      return try require(awareness.isEmpty, "a refused awareness update left something behind")
    }
    var other = Awareness()
    if let broadcast = change.broadcast {
      _ = try accepted("what is passed on") { try other.apply(broadcast, from: 2, now: 0) }
    }
    try require(other.clients == awareness.clients, "what is passed on is not what was taken in")
    for client in awareness.clients { try require(other[client] == awareness[client], "another state is passed on") }
    var client = ClientAwareness(client: 1)
    _ = client.show("{}")
    _ = try? client.apply(bytes, now: 0)
    try require(client.local != nil, "somebody else took the own state away")
  }
}
