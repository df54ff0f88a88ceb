import Foundation
import TestSupport
import Testing

/// Flags with which a server would do harm are refused, with what would be right.
@Suite struct OptionTests {
  @Test(arguments: [
    (["--commit-interval", "2s"], "--commit-interval is 2s: every edit would wait that long to be acknowledged"),
    (["--lock-timeout", "0s"], "--lock-timeout is 0, with which Postgres would wait for ever"),
    (["--statement-timeout", "0"], "--statement-timeout is 0, with which Postgres would wait for ever"),
    (["--append-lock-timeout", "0"], "--append-lock-timeout is 0, with which Postgres would wait for ever"),
  ])
  func isRefused(arguments: [String], because why: String) async throws {
    let log = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: log) }
    let process = try LineProcess(HeddleServer.executable, ["doctor"] + arguments, standardError: log)
    #expect(try await process.waitForExit() == 64)
    #expect(try String(contentsOf: log, encoding: .utf8).contains(why))
  }
}
