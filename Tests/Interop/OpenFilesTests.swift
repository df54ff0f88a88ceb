import Foundation
import Testing

extension Interop {
  /// The limit of open files that the server works under.
  @Suite struct OpenFilesTests {
    @Test func theSoftLimitIsRaisedToWhatTheConnectionsNeed() async throws {
      let server = try await HeddleServer(arguments: ["--maximum-connections", "300"], shell: "ulimit -Sn 200")
      #expect(try softLimit(of: server) == 556)
      try await server.stop()
    }

    @Test func aHardLimitThatIsTooLowIsSaid() async throws {
      let server = try await HeddleServer(shell: "ulimit -n 700")
      #expect(try softLimit(of: server) == 700)
      #expect(try server.log().contains("--maximum-connections"))
      try await server.stop()
    }

    private func softLimit(of server: HeddleServer) throws -> Int? {
      let limits = try String(contentsOfFile: "/proc/\(server.processID)/limits", encoding: .utf8)
      let line = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
      return line?.split(separator: " ").compactMap { Int($0) }.first
    }
  }
}
