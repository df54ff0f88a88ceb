import ChildProcesses
import Foundation
import TestSupport
import Testing
import Workflow

/// A repository's whole history is brought commit by commit, while two real clients hold unsaved edits. After each the rows
/// are what the commit says, the edits live, and there are conflicts exactly where both sides changed the same thing.
@Suite("Replay of a repository's history", .serialized)
struct ReplayTests {
  /// How many commits; HEDDLE_TEST_LONG has all of them brought.
  private static let count = isLong ? 300 : 40
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

  @Test("by imports of the files of each commit", .timeLimit(.minutes(30)))
  func folders() async throws {
    try await play { server, history in
      let folder = server.data.appendingPathComponent("checkout").path
      try await Self.createProject(history, on: server)
      return { commit, rows in
        // Without a repository nobody knows that a workflow was there that no file has any more.
        let names = Set(commit.workflows.compactMap { $0["name"]?.string })
        let ids = Set(commit.workflows.compactMap { $0["id"]?.string })
        let gone = rows.workflows.filter { row in
          !ids.contains(row["id"]?.string ?? "") && !names.contains(row["name"]?.string ?? "")
        }
        if !gone.isEmpty {
          let deletions = gone.map { JSONValue.object(["id": $0["id"] ?? .null, "delete": true]) }
          let document: JSONValue = ["id": .string(history.project), "workflows": .array(deletions)]
          let (status, answer) = try await server.request("POST", "/api/provision", body: document)
          try #require(status == 201, "\(answer.text)")
        }
        let script = "rm -rf \"$1\"; mkdir \"$1\"; git -C \"$2\" archive \"$3\" | tar -x -C \"$1\""
        let checkout = try LineProcess("/bin/sh", ["-c", script, "sh", folder, history.repository.path, commit.id])
        try #require(try await checkout.waitForExit() == 0)
        try await Self.heddle(["import", folder, "--project", history.project], server)
      }
    }
  }

  @Test(
    "by syncs with the repository", .enabled(if: isLong && hasSync, "HEDDLE_TEST_LONG, and a heddle that syncs"),
    .timeLimit(.minutes(30)))
  func syncs() async throws {
    try await play { server, history in
      try await Self.createProject(history, on: server)
      try await Self.heddle(
        ["repo", "add", "--project", history.project, "--url", history.repository.path, "--pull-only"], server)
      return { commit, _ in
        try await Self.heddle(["sync", "--project", history.project], server)
      }
    }
  }

  private static func createProject(_ history: MadeHistory, on server: HeddleServer) async throws {
    let name = "history-\(history.project.prefix(8))"
    let project: JSONValue = ["id": .string(history.project), "name": .string(name), "workflows": []]
    let (status, answer) = try await server.request("POST", "/api/provision", body: project)
    try #require(status == 201, "\(answer.text)")
  }

  private static let isLong = ProcessInfo.processInfo.environment["HEDDLE_TEST_LONG"] != nil

  /// Whether the command line has a command for syncs.
  private static let hasSync: Bool = {
    let help = try? ChildProcess.run(HeddleServer.executable, ["sync", "--help"])
    return help?.output.contains("heddle sync") == true
  }()

  private static func heddle(_ arguments: [String], _ server: HeddleServer) async throws {
    let errors = server.data.appendingPathComponent("command.log")
    let process = try LineProcess(
      HeddleServer.executable, arguments + ["--data-dir", server.data.path], standardError: errors)
    let (code, lines) = try await process.waitForEnd(limit: .seconds(60))
    let said = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
    try #require(code == 0, "heddle \(arguments): \(lines)\n\(said)")
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
