import Foundation
import TestSupport
import Testing
import Workflow

/// A repository's whole history is brought commit by commit, while two real clients hold unsaved edits. After each the rows
/// are what the commit says, the edits live, and there are conflicts exactly where both sides changed the same thing.
@Suite("Replay of a repository's history", .serialized)
struct ReplayTests {
  /// How many commits; HEDDLE_TEST_LONG has all of them brought.
  private static let count = ProcessInfo.processInfo.environment["HEDDLE_TEST_LONG"] == nil ? 40 : 300
  private static let seed = ProcessInfo.processInfo.environment["HEDDLE_TEST_SEED"].flatMap { UInt64($0) } ?? 11

  @Test("by imports over HTTP", .timeLimit(.minutes(15)))
  func imports() async throws {
    try await play { server, history in
      { commit, rows in
        let document = ReplayedDocument(history.project, commit, over: rows).json
        let (status, answer) = try await server.request("POST", "/api/provision", body: document)
        try #require(status == 201, "\(commit.id): \(answer.text)")
      }
    }
  }

  private func play(_ deploy: (HeddleServer, MadeHistory) async throws -> Replay.Deploy) async throws {
    print("replay with seed \(Self.seed)")
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-replay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let history = try await MadeHistory(count: Self.count, seed: Self.seed, in: folder)
    let server = try await HeddleServer()
    do {
      let replay = try await Replay(history, on: server, seed: Self.seed, deploy: deploy(server, history))
      try await replay.play(history.commits)
      try await replay.stop()
      report(replay.statistics)
    } catch {
      print((try? server.log().suffix(2000)) ?? "")
      try? await server.stop()
      throw error
    }
    try await server.stop()
  }

  private func report(_ statistics: Replay.Statistics) {
    let times = statistics.times.sorted()
    print(
      "\(statistics.syncs) commits, \(statistics.edits) edits, \(statistics.conflicts) conflicts (\(statistics.kept) kept)",
      "median \(times[times.count / 2]), 95th \(times[times.count * 95 / 100]), most \(times.last ?? .zero)")
    // Otherwise nothing would have been shown.
    #expect(statistics.conflicts > 0)
    #expect(statistics.edits > statistics.syncs / 2)
  }
}
