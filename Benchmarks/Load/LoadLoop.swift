import CEpoll
import Glibc

/// All connections of a run, on one thread. What it costs is what happens on connections, and not how many there are.
final class LoadLoop {
  private(set) var connections: [LoadConnection] = []
  /// By their descriptors.
  private var places: [Int32: LoadConnection] = [:]
  private let poll = epoll_create1(0)
  private var events = [epoll_event](repeating: epoll_event(), count: 1024)
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
  /// Connections that the server has closed.
  private(set) var closed = 0

  deinit {
    buffer.deallocate()
    close(poll)
  }

  func add(_ connection: LoadConnection) {
    connections.append(connection)
    places[connection.descriptor] = connection
    // Each change is told once: connections are read until nothing is left, and written when there is room again.
    var event = epoll_event()
    event.events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
    event.data.fd = connection.descriptor
    epoll_ctl(poll, EPOLL_CTL_ADD, connection.descriptor, &event)
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
    for connection in gone {
      places[connection.descriptor] = nil
      epoll_ctl(poll, EPOLL_CTL_DEL, connection.descriptor, nil)
    }
    let removed = Set(gone.map(\.descriptor))
    connections.removeAll { removed.contains($0.descriptor) }
  }

  func removeAll() { remove(connections) }

  /// Goes on until `isDone`; calls `work` again and again meanwhile. Throws when it takes longer than `limit`, in seconds.
  func run(
    _ what: String, limit: Double = 120, _ work: () throws(LoadFailure) -> Void = {}, until isDone: () -> Bool
  ) throws(LoadFailure) {
    let end = Clock.now + limit
    while !isDone() {
      guard Clock.now < end else { throw LoadFailure("\(what): not within \(Int(limit)) s") }
      try work()
      turn()
    }
  }

  /// Takes what has arrived, once, within a millisecond.
  private func turn() {
    let count = epoll_wait(poll, &events, Int32(events.count), 1)
    guard count > 0 else { return }
    var gone: [LoadConnection] = []
    for event in events[..<Int(count)] {
      guard let connection = places[event.data.fd] else { continue }
      connection.flush()
      let isEnding = event.events & EPOLLRDHUP.rawValue != 0
      if !connection.receive(buffer, isEnding: isEnding) { gone.append(connection) }
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
