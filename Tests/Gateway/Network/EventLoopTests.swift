import TestSupport
import Glibc
import Testing

@testable import Gateway

@Suite("The event loop", .serialized, .timeLimit(.minutes(1)))
struct EventLoopTests {
  @Test("Work from many threads runs on the loop, each thread's in its order")
  func order() async throws {
    let server = try TestServer()
    let loop = server.loop
    let seen = Locked<[[Int]]>(Array(repeating: [], count: 4))
    await withTaskGroup(of: Void.self) { group in
      for thread in 0..<4 {
        group.addTask {
          for number in 0..<2000 {
            loop.execute {
              loop.preconditionOnLoop()
              seen.withLock { $0[thread].append(number) }
            }
          }
        }
      }
    }
    loop.stop()
    #expect(seen.withLock { $0 } == Array(repeating: Array(0..<2000), count: 4))
    #expect(!loop.execute {})
    #expect(!loop.isOnLoop)
  }

  @Test("Scheduled work runs after its delay, in the order of the delays; what is left is dropped")
  func schedule() throws {
    let server = try TestServer()
    let log = server.log
    _ = try server.onLoop { loop in
      loop.schedule(after: .milliseconds(60)) { log.append(.request("second", [])) }
      loop.schedule(after: .milliseconds(20)) { log.append(.request("first", [])) }
      loop.schedule(after: .seconds(1000)) { log.append(.request("never", [])) }
      return true
    }
    try log.wait(for: .request("second", []))
    server.loop.stop()
    #expect(log.all == [.request("first", []), .request("second", [])])
  }

  @Test("A loop starts and stops again and again, with connections of every kind open")
  func cycles() throws {
    for _ in 0..<20 {
      let server = try TestServer { $0.sendQueueSoftLimitBytes = 50_000 }
      let stuck = try TestWebSocket(port: server.port, target: "/silent", receiveBuffer: 4096)
      try server.broadcast([UInt8](repeating: 1, count: 3_000_000))
      let echo = try TestWebSocket(port: server.port)
      try echo.send(.binary, [1])
      #expect(try echo.readMessage().payload == [1])
      try echo.send(.binary, [2], isFinal: false)
      let idle = try TestSocket(port: server.port)
      #expect(try idle.get("/a").status == 200)
      let waiting = try TestSocket(port: server.port)
      try waiting.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
      try server.log.wait(for: .request("GET", ["never"]))
      let closing = try TestWebSocket(port: server.port)
      try closing.send(text: "close me")
      #expect(try closing.readMessage().closeCode == 1008)
      server.loop.stop()
      #expect(server.log.all.count { if case .closed = $0 { true } else { false } } == 3)
      _ = (stuck, idle, waiting)
    }
  }

  @Test("Two loops run side by side")
  func twoLoops() throws {
    let servers = [try TestServer(), try TestServer()]
    let clients = try servers.map { try TestWebSocket(port: $0.port) }
    for (number, client) in clients.enumerated() {
      try client.send(.binary, [UInt8(number)])
      #expect(try client.readMessage().payload == [UInt8(number)])
    }
    servers[0].loop.stop()
    try clients[1].send(.binary, [9])
    #expect(try clients[1].readMessage().payload == [9])
  }

  @Test("An address that is taken or wrong is said so")
  func listenErrors() throws {
    let server = try TestServer()
    let taken = ServerConfiguration(endpoints: [.init(address: "127.0.0.1", port: server.port)])
    let error = #expect(throws: ServerError.self) {
      _ = try EventLoop(configuration: taken).start { EchoDelegate(loop: $0, log: EventLog()) }
    }
    #expect(error?.description == "cannot listen on 127.0.0.1:\(server.port): Address already in use")
    let wrong = ServerConfiguration(endpoints: [.init(address: "localhost", port: 0)])
    #expect(throws: ServerError.self) {
      _ = try EventLoop(configuration: wrong).start { EchoDelegate(loop: $0, log: EventLog()) }
    }
  }

  @Test("The port can be listened on again right after a stop")
  func restart() throws {
    let first = try TestServer()
    let port = first.port
    let client = try TestWebSocket(port: port)
    first.loop.stop()
    let second = try TestServer { $0.endpoints = [.init(address: "127.0.0.1", port: port)] }
    #expect(second.port == port)
    _ = try client.socket.readToEnd()
    #expect(try TestSocket(port: port).get("/a").status == 200)
  }

  @Test("Out of file descriptors the loop neither spins nor dies, and accepts again later")
  func outOfDescriptors() async {
    // In a process of its own: the limit is the whole process's.
    await #expect(processExitsWith: .success) {
      let server = try TestServer()
      let held = try TestWebSocket(port: server.port)
      let waiting = try TestSocket(port: server.port)
      #expect(try waiting.get("/a").status == 200)
      let late = try TestSocket(port: server.port, connects: false)
      // The next number that is free is the limit: no further descriptor can be had.
      let probe = dup(0)
      close(probe)
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let before = limit
      limit.rlim_cur = rlim_t(probe)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      try late.connect(port: server.port)
      try late.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
      let spent = processorMicroseconds()
      #expect(!late.hasInput(within: 500))
      #expect(processorMicroseconds() - spent < 250_000, "the loop spins")
      try held.send(.binary, [1])
      #expect(try held.readMessage().payload == [1])
      limit = before
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      #expect(try late.readResponse().status == 200)
      server.loop.stop()
    }
  }
}

/// Processor time of this process.
private func processorMicroseconds() -> Int {
  var used = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &used)
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1_000_000 + Int(used.ru_utime.tv_usec + used.ru_stime.tv_usec)
}

@Suite("Draining", .serialized, .timeLimit(.minutes(1)))
struct DrainTests {
  private func drain(_ server: TestServer, within limit: Duration) throws {
    let log = server.log
    _ = try server.onLoop { loop in
      loop.drain(.serviceRestart, reason: "restarting", within: limit) { log.append(.request("drained", [])) }
      return true
    }
  }

  @Test("Queues are flushed, websockets closed with 1012, requests answered, and nothing new is taken")
  func drains() throws {
    let server = try TestServer()
    let readers = try (0..<10).map { _ in try TestWebSocket(port: server.port) }
    let idle = try TestSocket(port: server.port)
    #expect(try idle.get("/a").status == 200)
    let busy = try TestSocket(port: server.port)
    try busy.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
    try server.log.wait(for: .request("GET", ["never"]))
    try server.broadcast([UInt8](repeating: 3, count: 500_000))
    try drain(server, within: .seconds(20))
    #expect(throws: TestSocket.Failure.self) { _ = try TestSocket(port: server.port) }
    #expect(try idle.readToEnd().isEmpty)
    for reader in readers {
      #expect(try reader.readMessage().payload.count == 500_000)
      let close = try reader.readMessage()
      #expect(close.closeCode == 1012)
      #expect(close.closeReason == "restarting")
      try reader.send(.close, Array(close.payload.prefix(2)))
      reader.socket.close()
    }
    try server.log.wait(for: .closed(1012), count: 10)
    #expect(server.log.count(of: .request("drained", [])) == 0)
    let exchange = try server.log.unanswered()
    #expect(try server.onLoop { $0.respond(to: exchange, with: .text(200, "done")) })
    let response = try busy.readResponse()
    #expect(response.text == "done")
    #expect(response.headers["connection"] == "close")
    busy.close()
    idle.close()
    try server.log.wait(for: .request("drained", []))
  }

  @Test("What does not end by itself is cut when the time is over")
  func limit() throws {
    let server = try TestServer()
    let stuck = try TestWebSocket(port: server.port, receiveBuffer: 4096)
    try server.broadcast([UInt8](repeating: 3, count: 3_000_000))
    let busy = try TestSocket(port: server.port)
    try busy.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
    try server.log.wait(for: .request("GET", ["never"]))
    try drain(server, within: .milliseconds(200))
    try server.log.wait(for: .request("drained", []))
    #expect(try busy.readToEnd().isEmpty)
    stuck.socket.close()
    server.loop.stop()
  }
}
