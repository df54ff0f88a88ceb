import Foundation
import Glibc
import Synchronization

/// A connection's way through a bad network: listens, and carries bytes to and from another address, as well as its condition allows.
///
/// Stands before a server, for its clients, or before Postgres, for the server. Each connection has a thread for each direction.
///
/// Sound as `Sendable`: all that changes is behind a lock.
public final class FaultyLink: Sendable {
  /// Where something listens.
  public enum Address: Sendable {
    case port(UInt16)
    case path(String)
  }

  /// What becomes of the bytes.
  public enum Condition: Sendable {
    case open
    /// Nothing is carried and nothing is lost, until the condition is another one.
    case stalled
    /// Everything is taken, and lost: neither end hears that the other one has gone.
    case blackHole
    /// Each piece comes late, by something between nothing and so many milliseconds.
    case slow(milliseconds: Int)
    /// In pieces of a few bytes.
    case chopped
    /// The connection is cut after so many bytes or fewer, in the middle of whatever that is.
    case cut(within: Int)
    /// Nobody listens, and who was connected is cut.
    case refused
  }

  private struct State {
    var condition = Condition.open
    var target: Address
    var connections: [Int: (Int32, Int32)] = [:]
    var next = 0
    var random: SeededGenerator
    /// Only connections whose first bytes hold this are touched; nil: all.
    var concerns: String?
    var isClosed = false
  }

  private let state: Mutex<State>
  private let listener: Int32
  /// Where it listens.
  public let address: Address

  public init(at address: Address = .port(0), to target: Address, seed: UInt64) throws {
    state = Mutex(State(target: target, random: SeededGenerator(seed: seed)))
    (listener, self.address) = try Self.listen(address)
    Thread.detachNewThread { self.accept() }
  }

  public var port: UInt16 {
    if case .port(let port) = address { port } else { 0 }
  }

  /// Sets what becomes of the bytes from now on: of all connections, or of those that begin with something.
  public func become(_ condition: Condition, for concerns: String? = nil) {
    let cut = state.withLock { state in
      state.condition = condition
      state.concerns = concerns
      if case .refused = condition { return Array(state.connections.values) }
      return []
    }
    for (one, other) in cut { Self.cut(one, other) }
  }

  /// Carries new connections elsewhere, and cuts those that there are.
  public func lead(to target: Address) {
    let cut = state.withLock { state in
      state.target = target
      return Array(state.connections.values)
    }
    for (one, other) in cut { Self.cut(one, other) }
  }

  public func close() {
    let cut = state.withLock { state in
      state.isClosed = true
      return Array(state.connections.values)
    }
    shutdown(listener, Int32(SHUT_RDWR))
    for (one, other) in cut { Self.cut(one, other) }
  }

  // MARK: Connections

  private func accept() {
    while true {
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { break }
      let target = state.withLock { state -> Address? in
        if case .refused = state.condition { return nil }
        return state.isClosed ? nil : state.target
      }
      guard let target, let server = Self.connect(target) else {
        Glibc.close(client)
        continue
      }
      carry(client, server)
    }
    Glibc.close(listener)
  }

  private func carry(_ client: Int32, _ server: Int32) {
    let number = state.withLock { state in
      state.next += 1
      state.connections[state.next] = (client, server)
      return state.next
    }
    let ends = Ends()
    let done: @Sendable () -> Void = { [self] in
      Self.cut(client, server)
      guard ends.isLast() else { return }
      state.withLock { $0.connections[number] = nil }
      Glibc.close(client)
      Glibc.close(server)
    }
    let names = Named()
    Thread.detachNewThread { [self] in
      pump(client, server, names)
      done()
    }
    Thread.detachNewThread { [self] in
      pump(server, client, names)
      done()
    }
  }

  /// How many of a connection's two directions still go on.
  private final class Ends: Sendable {
    private let count = Mutex(2)

    func isLast() -> Bool {
      count.withLock { count in
        count -= 1
        return count == 0
      }
    }
  }

  /// The first bytes of a connection, by which it can be told from others.
  private final class Named: Sendable {
    private let first = Mutex<String?>(nil)

    func note(_ bytes: ArraySlice<UInt8>) {
      first.withLock { if $0 == nil { $0 = String(decoding: bytes, as: UTF8.self) } }
    }

    func holds(_ part: String) -> Bool { first.withLock { $0?.contains(part) ?? false } }
  }

  private func pump(_ source: Int32, _ sink: Int32, _ name: Named) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(source, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      name.note(buffer[..<min(count, 512)])
      guard pass(buffer[..<count], to: sink, name) else { return }
    }
  }

  /// Does with a piece what the condition says; false when the connection has ended.
  private func pass(_ piece: ArraySlice<UInt8>, to sink: Int32, _ name: Named) -> Bool {
    while true {
      let (condition, roll) = state.withLock { state in
        let isConcerned = state.concerns.map(name.holds) ?? true
        return (
          isConcerned && !state.isClosed ? state.condition : .open, Int.random(in: 0..<1 << 30, using: &state.random)
        )
      }
      switch condition {
      case .open: return Self.write(piece, to: sink)
      case .stalled: usleep(2000)
      case .blackHole: return true
      case .slow(let milliseconds):
        usleep(UInt32(roll % (milliseconds * 1000 + 1)))
        return Self.write(piece, to: sink)
      case .chopped:
        var rest = piece
        while !rest.isEmpty {
          let part = rest.prefix(1 + (roll &+ rest.count) % 7)
          guard Self.write(part, to: sink) else { return false }
          rest = rest.dropFirst(part.count)
        }
        return true
      case .cut(let limit):
        guard roll % (limit + 1) < piece.count else { return Self.write(piece, to: sink) }
        _ = Self.write(piece.prefix(roll % (limit + 1)), to: sink)
        return false
      case .refused: return false
      }
    }
  }
}

// MARK: Sockets

extension FaultyLink {
  private static func write(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static func cut(_ one: Int32, _ other: Int32) {
    shutdown(one, Int32(SHUT_RDWR))
    shutdown(other, Int32(SHUT_RDWR))
  }

  private static func listen(_ address: Address) throws -> (Int32, Address) {
    let socket = try with(address) { family, pointer, length in
      let socket = Glibc.socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      var one: Int32 = 1
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, 4)
      guard bind(socket, pointer, length) == 0, Glibc.listen(socket, 128) == 0 else {
        throw TestSocket.Failure(description: "the link cannot listen: \(String(cString: strerror(errno)))")
      }
      return socket
    }
    guard case .port = address else { return (socket, address) }
    var bound = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &bound) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
    }
    return (socket, .port(UInt16(bigEndian: bound.sin_port)))
  }

  private static func connect(_ address: Address) -> Int32? {
    try? with(address) { family, pointer, length in
      let socket = Glibc.socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard Glibc.connect(socket, pointer, length) == 0 else {
        Glibc.close(socket)
        throw TestSocket.Failure(description: "the link reaches nobody")
      }
      return socket
    }
  }

  private static func with<Result>(
    _ address: Address, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) throws -> Result
  ) throws -> Result {
    switch address {
    case .port(let port):
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = port.bigEndian
      name.sin_addr.s_addr = inet_addr("127.0.0.1")
      return try withUnsafePointer(to: &name) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          try body(AF_INET, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    case .path(let path):
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
      return try withUnsafePointer(to: &name) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          try body(AF_UNIX, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    }
  }
}
