import CHiredis
import Glibc

/// A blocking connection to Redis or Valkey. Belongs to one thread.
final class RedisConnection {
  /// How long anything that is asked may take.
  private static let timeout = timeval(tv_sec: 5, tv_usec: 0)

  private let address: BusAddress
  private var context: UnsafeMutablePointer<redisContext>?

  init(address: BusAddress) {
    self.address = address
  }

  deinit { close() }

  var isConnected: Bool { context.map { $0.pointee.err == 0 } ?? false }
  var socket: Int32 { context?.pointee.fd ?? -1 }

  func connect() throws(BusError) {
    close()
    context =
      switch address.place {
      case .host(let host, let port): redisConnectWithTimeout(host, Int32(port), Self.timeout)
      case .socket(let path): redisConnectUnixWithTimeout(path, Self.timeout)
      }
    guard let context else { throw BusError(description: "there is no memory for a connection") }
    guard context.pointee.err == 0 else { throw failure() }
    redisSetTimeout(context, Self.timeout)
    if case .host = address.place { redisEnableKeepAlive(context) }
    guard let password = address.password else { return }
    do {
      try pipeline([["AUTH"] + (address.user.map { [$0] } ?? []) + [password]])
    } catch {
      close()
      throw error
    }
  }

  func close() {
    if let context { redisFree(context) }
    context = nil
  }

  // MARK: Asking

  /// Sends commands in one go and waits for their answers.
  func pipeline(_ commands: [[String]]) throws(BusError) {
    for command in commands { try append(command) }
    for _ in commands {
      var reply: UnsafeMutableRawPointer?
      guard redisGetReply(context, &reply) == REDIS_OK, let reply else { throw failure() }
      defer { freeReplyObject(reply) }
      if let text = Reply(reply).error { throw BusError(description: text) }
    }
  }

  /// Sends commands whose answers come among what is received.
  func send(_ commands: [[String]]) throws(BusError) {
    guard let context else { throw failure() }
    for command in commands { try append(command) }
    var isDone: Int32 = 0
    while isDone == 0 {
      guard redisBufferWrite(context, &isDone) == REDIS_OK else { throw failure() }
    }
  }

  private func append(_ words: [String]) throws(BusError) {
    guard let context else { throw failure() }
    let copies = words.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    var arguments = copies.map { UnsafePointer($0) }
    let lengths = words.map { $0.utf8.count }
    guard redisAppendCommandArgv(context, Int32(words.count), &arguments, lengths) == REDIS_OK else {
      throw failure()
    }
  }

  // MARK: Hearing

  /// What has arrived: each an array of strings. Never waits.
  func received() throws(BusError) -> [[String]] {
    guard let context else { throw failure() }
    var descriptor = pollfd(fd: context.pointee.fd, events: Int16(POLLIN), revents: 0)
    if poll(&descriptor, 1, 0) > 0, redisBufferRead(context) != REDIS_OK { throw failure() }
    var messages: [[String]] = []
    while true {
      var reply: UnsafeMutableRawPointer?
      guard redisGetReplyFromReader(context, &reply) == REDIS_OK else { throw failure() }
      guard let reply else { return messages }
      defer { freeReplyObject(reply) }
      if let text = Reply(reply).error { throw BusError(description: text) }
      messages.append(Reply(reply).words)
    }
  }

  private func failure() -> BusError {
    guard let context else { return BusError(description: "not connected to \(address)") }
    let text = withUnsafeBytes(of: context.pointee.errstr) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return BusError(description: "\(address): \(text.isEmpty ? "the connection is lost" : text)")
  }

  /// What came back.
  private struct Reply {
    let pointer: UnsafeMutablePointer<redisReply>

    init(_ pointer: UnsafeMutableRawPointer) {
      self.pointer = pointer.assumingMemoryBound(to: redisReply.self)
    }

    var error: String? { pointer.pointee.type == REDIS_REPLY_ERROR ? text : nil }

    private var text: String {
      guard let characters = pointer.pointee.str else { return "" }
      let bytes = UnsafeRawBufferPointer(start: characters, count: Int(pointer.pointee.len))
      return String(decoding: bytes, as: UTF8.self)
    }

    /// The elements of an array, as far as they are strings.
    var words: [String] {
      guard pointer.pointee.type == REDIS_REPLY_ARRAY, let elements = pointer.pointee.element else { return [] }
      return (0..<Int(pointer.pointee.elements)).map { index in
        elements[index].map { Reply(UnsafeMutableRawPointer($0)).text } ?? ""
      }
    }
  }
}
