import Foundation
import TestSupport

/// `heddle` on the command line, with the database of a server that runs.
struct HeddleCommand {
  private let process: LineProcess

  /// Starts a command.
  init(_ arguments: [String], on server: HeddleServer) throws {
    process = try LineProcess(HeddleServer.executable, arguments + ["--data-dir", server.data.path])
  }

  /// Waits until it has printed a line with this in it, and returns the first one.
  func line(containing part: String) async throws -> String {
    try await process.progress.wait(for: "a line with '\(part)'", limit: .seconds(30)) { progress in
      progress.lines.first { $0.contains(part) }
    }
  }

  /// Waits for its end and returns its exit code.
  func exit() async throws -> Int32 { try await process.waitForExit() }
}
