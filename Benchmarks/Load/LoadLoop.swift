import Glibc

/// All connections of a run, on one thread.
final class LoadLoop {
  private(set) var connections: [LoadConnection] = []
  /// In the order of `connections`.
  private var entries: [pollfd] = []
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
  /// Connections that the server has closed.
  private(set) var closed = 0

  deinit {
    buffer.deallocate()
  }

  func add(_ connection: LoadConnection) {
    connections.append(connection)
    entries.append(pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0))
    connection.flush()
  }

  /// Opens a connection and adds it.
  func connect(to server: LoadServer, document: String) throws(LoadFailure) -> LoadConnection {
    let connection = try LoadConnection(port: server.port, target: server.target(of: document))
    add(connection)
    return connection
  }

  /// Opens so many, a part at a time, and returns when all have the document.
  func connect(_ count: Int, to server: LoadServer, document: (Int) -> String) throws(LoadFailure) -> [LoadConnection] {
    var opened: [LoadConnection] = []
    for number in 0..<count {
      opened.append(try connect(to: server, document: document(number)))
      if number % 50 == 49 { try run("joins", limit: 60) { opened.allSatisfy(\.isSynced) } }
    }
    try run("joins", limit: 60) { opened.allSatisfy(\.isSynced) }
    return opened
  }

  func remove(_ gone: [LoadConnection]) {
    let removed = Set(gone.map(\.descriptor))
    connections.removeAll { removed.contains($0.descriptor) }
    entries.removeAll { removed.contains($0.fd) }
  }

  func removeAll() { remove(connections) }

  /// Goes on until `isDone`; calls `work` again and again meanwhile. Throws when it takes longer than `limit`, in seconds.
  func run(
    _ what: String, limit: Double = 120, _ work: () -> Void = {}, until isDone: () -> Bool
  ) throws(LoadFailure) {
    let end = Clock.now + limit
    while !isDone() {
      guard Clock.now < end else { throw LoadFailure("\(what): not within \(Int(limit)) s") }
      work()
      turn(milliseconds: connections.contains { $0.pending > 0 } ? 0 : 1)
    }
  }

  /// Takes what has arrived, once.
  private func turn(milliseconds: Int32) {
    for connection in connections where connection.pending > 0 { connection.flush() }
    guard poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return }
    var gone: [LoadConnection] = []
    for index in entries.indices where entries[index].revents != 0 {
      guard !connections[index].isStalled else { continue }
      if !connections[index].receive(buffer) { gone.append(connections[index]) }
    }
    guard !gone.isEmpty else { return }
    closed += gone.count
    remove(gone)
  }
}

/// Seconds on a clock that goes on evenly.
enum Clock {
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
