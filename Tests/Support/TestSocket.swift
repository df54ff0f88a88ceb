import Glibc

/// A blocking TCP socket of a test, with a limit on every wait.
public final class TestSocket {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) {
      self.description = description
    }
  }

  private(set) var descriptor: Int32
  private var buffer: [UInt8] = []
  /// Bytes of the buffer that were read already.
  private var taken = 0
  private var chunk = [UInt8](repeating: 0, count: 65536)
  public let limit: Int32 = 20_000 * Patience.factor

  /// Connects to a port of 127.0.0.1, from another address of this machine if `source` says so. `receiveBuffer` in bytes makes a
  /// reader that is easily choked.
  public init(port: UInt16, source: String? = nil, receiveBuffer: Int32? = nil, connects: Bool = true) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var size = receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    if let source { try bind(to: source) }
    if connects { try connect(port: port) }
  }

  private func bind(to source: String) throws {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr(source)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Failure(description: "bind: \(errno)") }
  }

  public func connect(port: UInt16) throws {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Failure(description: "connect: \(errno)") }
  }

  deinit {
    close()
  }

  public func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  /// Says that nothing more will be sent.
  public func finishSending() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  public func send(_ text: String) throws {
    try send(Array(text.utf8))
  }

  /// Sends everything; throws when the peer has gone or takes nothing for too long.
  public func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      try wait(for: Int16(POLLOUT))
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count < 0, errno == EAGAIN { continue }
      guard count > 0 else { throw Failure(description: "send: \(errno)") }
      sent += count
    }
  }

  /// Exactly `count` bytes.
  public func read(_ count: Int) throws -> [UInt8] {
    while buffer.count - taken < count {
      guard try fill() else { throw Failure(description: "closed after \(buffer.count - taken) of \(count) bytes") }
    }
    defer { taken += count }
    return Array(buffer[taken..<(taken + count)])
  }

  /// Up to and including the mark.
  public func read(through mark: String) throws -> String {
    let mark = Array(mark.utf8)
    var searched = 0
    while true {
      while taken + searched + mark.count <= buffer.count {
        if buffer[(taken + searched)...].starts(with: mark) {
          return String(decoding: try read(searched + mark.count), as: UTF8.self)
        }
        searched += 1
      }
      guard try fill() else {
        throw Failure(description: "closed after \(String(decoding: buffer[taken...], as: UTF8.self).debugDescription)")
      }
    }
  }

  /// Waits until the peer has closed; returns what it still sent.
  public func readToEnd() throws -> [UInt8] {
    while try fill() {}
    return try read(buffer.count - taken)
  }

  /// Whether something arrives within the time.
  public func hasInput(within milliseconds: Int32) -> Bool {
    if taken < buffer.count { return true }
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }

  /// False at the end (or when the connection was cut).
  private func fill() throws -> Bool {
    try wait(for: Int16(POLLIN))
    if taken == buffer.count {
      buffer.removeAll(keepingCapacity: true)
      taken = 0
    }
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count < 0, errno == ECONNRESET { return false }
    guard count >= 0 else { throw Failure(description: "recv: \(errno)") }
    buffer.append(contentsOf: chunk[..<count])
    return count > 0
  }

  private func wait(for events: Int16) throws {
    var entry = pollfd(fd: descriptor, events: events, revents: 0)
    guard poll(&entry, 1, limit) > 0 else { throw Failure(description: "nothing happened for \(limit) ms") }
  }
}
