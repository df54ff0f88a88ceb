/// A websocket client of a test: every frame by hand.
public final class TestWebSocket {
  public enum Opcode: UInt8 {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10
  }

  public struct Frame: Equatable {
    public let opcode: Opcode
    public let isFinal: Bool
    public let payload: [UInt8]

    public init(opcode: Opcode, isFinal: Bool, payload: [UInt8]) {
      self.opcode = opcode
      self.isFinal = isFinal
      self.payload = payload
    }

    /// The code of a close frame; nil of any other.
    public var closeCode: Int? {
      opcode == .close && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
    }

    public var closeReason: String {
      String(decoding: payload.dropFirst(2), as: UTF8.self)
    }
  }

  public static let handshakeHeaders = [
    "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ]

  public let socket: TestSocket
  /// What the server has selected.
  public let subprotocol: String?

  /// Connects and shakes hands; `glued` goes out in one piece with the handshake.
  public init(
    port: UInt16, target: String = "/echo", glued: [UInt8] = [], headers: [String] = [], source: String? = nil,
    receiveBuffer: Int32? = nil
  ) throws {
    socket = try TestSocket(port: port, source: source, receiveBuffer: receiveBuffer)
    let lines = ["GET \(target) HTTP/1.1", "Host: test"] + Self.handshakeHeaders + headers
    let head = lines.joined(separator: "\r\n") + "\r\n\r\n"
    try socket.send(Array(head.utf8) + glued)
    let response = try socket.readResponse()
    guard response.status == 101, response.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" else {
      throw TestSocket.Failure(description: "no handshake: \(response.status)")
    }
    subprotocol = response.headers["sec-websocket-protocol"]
  }

  public static func bytes(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
    var bytes = [opcode.rawValue | (isFinal ? 0x80 : 0)]
    switch payload.count {
    case ..<126: bytes.append(0x80 | UInt8(payload.count))
    case ..<65536: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default: bytes += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
    }
    let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
    bytes += mask
    let start = bytes.count
    bytes += payload
    for index in payload.indices { bytes[start + index] ^= mask[index & 3] }
    return bytes
  }

  public func send(_ opcode: Opcode, _ payload: [UInt8] = [], isFinal: Bool = true) throws {
    try socket.send(Self.bytes(opcode, payload, isFinal: isFinal))
  }

  public func send(text: String) throws {
    try send(.text, Array(text.utf8))
  }

  public func readFrame() throws -> Frame {
    let head = try socket.read(2)
    var count = Int(head[1] & 0x7F)
    if count == 126 {
      count = try socket.read(2).reduce(0) { $0 << 8 | Int($1) }
    } else if count == 127 {
      count = try socket.read(8).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let opcode = Opcode(rawValue: head[0] & 0x0F), head[0] & 0x70 == 0, head[1] & 0x80 == 0 else {
      throw TestSocket.Failure(description: "not a server's frame: \(head)")
    }
    return Frame(opcode: opcode, isFinal: head[0] & 0x80 != 0, payload: try socket.read(count))
  }

  /// The next message with its fragments put together. Pings between are answered, and are not what is waited for; a close frame
  /// is returned as it is.
  public func readMessage() throws -> Frame {
    var payload: [UInt8] = []
    var opcode: Opcode?
    let deadline = ContinuousClock.now + .milliseconds(socket.limit)
    while true {
      guard ContinuousClock.now < deadline else {
        throw TestSocket.Failure(description: "no message for \(socket.limit) ms")
      }
      let frame = try readFrame()
      switch frame.opcode {
      case .ping: try send(.pong, frame.payload)
      case .pong: continue
      case .close: return frame
      case .continuation where opcode == nil, .text where opcode != nil, .binary where opcode != nil:
        throw TestSocket.Failure(description: "a fragment out of turn")
      case .continuation, .text, .binary:
        opcode = opcode ?? frame.opcode
        payload += frame.payload
        if frame.isFinal { return Frame(opcode: opcode ?? .binary, isFinal: true, payload: payload) }
      }
    }
  }
}
