import Foundation
import TestSupport
import Testing

/// The page: its functions by themselves, and all of it in a real browser.
@Suite(.serialized) struct PageTests {
  @Test func itsFunctionsDoWhatTheySay() async throws {
    let tests = try LineProcess("/usr/bin/env", ["node", "--test", "Web/tests/"], directory: Repository.root)
    let (status, lines) = try await tests.waitForEnd(limit: .seconds(60))
    let failures = lines.filter { $0.contains("not ok") || $0.contains("rror") }
    #expect(status == 0, "\(failures.joined(separator: "\n"))")
  }

  /// Editing: two tabs edit, an import arrives, a conflict is decided, a save is refused and mended, the server is lost and found.
  /// Access: signing in, viewers, roles and tokens that change meanwhile. Versions: compared, opened, gone back to. Operations: rooms
  /// and members. Leaves screenshots in .build/page.
  @Test(arguments: ["editing", "access", "versions", "operations"])
  func itWorksInABrowser(part: String) async throws {
    let script = try LineProcess(
      Repository.root.appendingPathComponent(".venv/bin/python").path, ["Tests/Interop/Clients/page.py", part],
      environment: ["HEDDLE": HeddleServer.executable],
      directory: Repository.root)
    let (status, lines) = try await script.waitForEnd(limit: .seconds(300))
    #expect(status == 0, "\(lines.suffix(60).joined(separator: "\n"))")
  }
}
