import Glibc
import YProtocol

/// A websocket client that does as little as possible for each frame, so that what is measured is the server: parses frames where they
/// were read, counts updates, and keeps nothing.
final class LoadConnection {
  let descriptor: Int32
  /// Updates that arrived.
  private(set) var updates = 0
  /// Whether the whole document has arrived.
  private(set) var isSynced = false
  /// Whether it is open, as a websocket.
  private(set) var isOpen = false
  /// Acknowledgements that arrived.
  private(set) var acknowledgements = 0
  /// Told of each update, with its number from 0 on.
  var onUpdate: ((Int) -> Void)?
  /// Told of each update, with the whole message.
  var onPayload: ((UnsafeRawBufferPointer) -> Void)?
  var onAcknowledgement: ((Int) -> Void)?
  var onSynced: (() -> Void)?
  /// Whether what arrives is left where it is.
  var isStalled = false

  private var inbox: [UInt8] = []
  private var outbox: [UInt8] = []
  private var sent = 0
  private static let mask: [UInt8] = [0, 0, 0, 0]

  /// Connects to a port of this machine and asks for a websocket, and then for the document. `target` is the path.
  init(port: UInt16, target: String, stateVector: [UInt8] = [0]) throws(LoadFailure) {
    descriptor = try Self.connected(to: port)
    firstMessage = Message.syncStep1(stateVector).encoded()
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    let head =
      "GET \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    outbox.append(contentsOf: head.utf8)
  }

  private let firstMessage: [UInt8]

  /// A socket that is connected to a port of this machine, and waits for what it is asked.
  static func connected(to port: UInt16) throws(LoadFailure) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      defer { close(descriptor) }
      throw LoadFailure("cannot connect to port \(port): \(String(cString: strerror(errno)))")
    }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    return descriptor
  }

  deinit { close(descriptor) }

  /// A masked frame with a message. The mask is zero, which is a mask.
  static func frame(_ payload: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0x82]
    switch payload.count {
    case ..<126: bytes.append(0x80 | UInt8(payload.count))
    case ..<65_536: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default: bytes += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
    }
    return bytes + mask + payload
  }

  /// Bytes that wait to be taken by the kernel.
  var pending: Int { outbox.count - sent }

  /// Sends frames that were made before.
  func send(_ frames: [UInt8]) {
    outbox.append(contentsOf: frames)
    flush()
  }

  func flush() {
    while sent < outbox.count {
      let count = outbox.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { break }
      sent += count
    }
    if sent == outbox.count {
      outbox.removeAll(keepingCapacity: true)
      sent = 0
    } else if sent > 1 << 20 {
      outbox.removeFirst(sent)
      sent = 0
    }
  }

  /// Takes what has arrived; `buffer` is used for that. False when the server has closed, which shows behind the last byte.
  func receive(_ buffer: UnsafeMutableRawBufferPointer, isEnding: Bool) -> Bool {
    while !isStalled {
      let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      if count < 0 { return errno == EAGAIN || errno == EINTR }
      guard count > 0 else { return false }
      if inbox.isEmpty {
        let rest = parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        if rest < count { inbox.append(contentsOf: buffer[rest..<count]) }
      } else {
        inbox.append(contentsOf: buffer[..<count])
        let rest = inbox.withUnsafeBytes { parse($0) }
        inbox.removeFirst(rest)
      }
      if count < buffer.count, !isEnding { return true }
    }
    return true
  }

  /// Reads what is whole, and returns how much that was.
  private func parse(_ bytes: UnsafeRawBufferPointer) -> Int {
    var place = 0
    if !isOpen {
      guard let end = Self.endOfHead(bytes) else { return 0 }
      isOpen = true
      place = end
      send(Self.frame(firstMessage))
    }
    while bytes.count - place >= 2 {
      var length = Int(bytes[place + 1] & 0x7F)
      var start = place + 2
      let extra = length == 126 ? 2 : length == 127 ? 8 : 0
      guard bytes.count >= start + extra else { break }
      if extra > 0 {
        length = 0
        for index in start..<(start + extra) { length = length << 8 | Int(bytes[index]) }
        start += extra
      }
      guard bytes.count >= start + length else { break }
      take(opcode: bytes[place] & 0x0F, UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)]))
      place = start + length
    }
    return place
  }

  private func take(opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
    if opcode == 9 { return send([0x8A, 0x80 | UInt8(payload.count)] + Self.mask + Array(payload)) }
    guard opcode == 2, payload.count >= 2 else { return }
    switch (payload[0], payload[1]) {
    case (0, 2):
      onUpdate?(updates)
      onPayload?(payload)
      updates += 1
    case (0, 1):
      guard !isSynced else { return }
      isSynced = true
      onSynced?()
    case (102, _):
      onAcknowledgement?(acknowledgements)
      acknowledgements += 1
    default: break
    }
  }

  private static func endOfHead(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for place in 0...(bytes.count - 4)
    where bytes[place] == 13 && bytes[place + 1] == 10 && bytes[place + 2] == 13 && bytes[place + 3] == 10 {
      return place + 4
    }
    return nil
  }
}

/// A run could not be made; says why.
struct LoadFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
