import Foundation
import Glibc
import TestSupport
import Testing

/// A server that hangs, and whoever started it.
extension Interop {
  @Suite(.timeLimit(.minutes(3))) struct WatchdogTests {
    private let file = FileManager.default.temporaryDirectory.appendingPathComponent("stuck-\(UUID().uuidString)")

    @Test(arguments: StuckLoop.Way.allCases)
    func aServerWhoseLoopStandsStillEndsItselfAndSaysSo(way: StuckLoop.Way) async throws {
      defer { try? FileManager.default.removeItem(at: file) }
      let manager = try ServiceManagerSocket()
      let server = try await HeddleServer(
        arguments: ["--database-url", TestPostgres.makeDatabase(), "--watchdog-timeout", "2s"],
        shell: StuckLoop.shell(file, way) + "; export NOTIFY_SOCKET=\(manager.path)")
      #expect(try manager.next() == "READY=1")
      for _ in 0..<2 { #expect(try manager.next() == "WATCHDOG=1") }
      try Data().write(to: file)
      #expect(try await server.ended() == -SIGABRT)
      #expect(try server.log().contains("the event loop stands still"))
    }

    /// It hears of the server alone, not of the Postgres that the server starts.
    @Test func theServiceManagerIsToldHowItGoes() async throws {
      let manager = try ServiceManagerSocket()
      let server = try await HeddleServer(shell: "export NOTIFY_SOCKET=\(manager.path)")
      #expect(try manager.next() == "READY=1")
      #expect(try manager.next() == "WATCHDOG=1")
      try await server.terminate()
      var news: [String] = []
      while news.last != "STOPPING=1" { news.append(try manager.next()) }
      #expect(Set(news.dropLast()).isSubset(of: ["WATCHDOG=1"]), "\(news)")
    }

    /// Nobody's fault: it was stopped as a whole, for longer than the watchdog waits.
    @Test func aServerThatWasStoppedAndGoesOnIsNotEnded() async throws {
      let manager = try ServiceManagerSocket()
      let server = try await HeddleServer(
        arguments: ["--watchdog-timeout", "1s"], shell: "export NOTIFY_SOCKET=\(manager.path)")
      #expect(try manager.next() == "READY=1")
      Glibc.kill(server.processID, SIGSTOP)
      let since = ContinuousClock.now
      while ContinuousClock.now - since < .seconds(3) { sched_yield() }
      manager.forget()
      Glibc.kill(server.processID, SIGCONT)
      for _ in 0..<3 { #expect(try manager.next() == "WATCHDOG=1") }
      #expect(try await server.request("GET", "/healthz").status == 200)
      try await server.stop()
    }
  }
}

/// Where a service manager would listen.
private final class ServiceManagerSocket {
  let path: String
  private let descriptor: Int32

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/notify-\(UUID().uuidString.prefix(8))"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0 else { throw HeddleServer.StartFailure(message: "no socket at \(path)") }
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// The next thing that it is told, within thirty seconds.
  func next() throws -> String {
    guard let news = receive() else { throw HeddleServer.StartFailure(message: "the service manager heard nothing") }
    return news
  }

  /// What it was told up to now is of no interest.
  func forget() {
    while receive(MSG_DONTWAIT) != nil {}
  }

  private func receive(_ flags: Int = 0) -> String? {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = recv(descriptor, &buffer, buffer.count, Int32(flags))
    return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
  }
}
