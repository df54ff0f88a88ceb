import Foundation
import TestSupport
import Testing
import Workflow

extension Interop {
  /// A backup of a server that runs is restored elsewhere, and people come back to it with what they have.
  @Suite struct RestoreTests {
    /// How the backup is made and restored.
    enum Way: CaseIterable, Sendable {
      case heddle, postgres

      func backUp(_ conninfo: String, to path: String) async throws {
        switch self {
        case .heddle:
          try await run(HeddleServer.executable, "export", "--all", path, "--database-url", conninfo)
        case .postgres: try await run("/usr/bin/pg_dump", "-Fc", "-f", path, "-d", conninfo)
        }
      }

      func restore(_ path: String, to conninfo: String) async throws {
        switch self {
        case .heddle: try await run(HeddleServer.executable, "restore", path, "--database-url", conninfo)
        case .postgres: try await run("/usr/bin/pg_restore", "-d", conninfo, path)
        }
      }

      private func run(_ program: String, _ arguments: String...) async throws {
        let process = try LineProcess(program, arguments)
        try #require(await process.waitForExit(limit: .seconds(60)) == 0, "\(program) \(arguments)")
      }
    }

    /// What a restored workflow has to have kept.
    private func records(_ sample: SampleWorkflow, on server: HeddleServer) async throws -> [JSONValue] {
      var records: [JSONValue] = []
      for path in ["conflicts", "reconciliations", "versions", "branches", "blame"] {
        let (status, answer) = try await server.request("GET", "/api/workflows/\(sample.id)/\(path)")
        try #require(status == 200, "\(path): \(answer.text)")
        records.append(answer)
      }
      return records
    }

    @Test(arguments: Way.allCases)
    func clientsWithUnsavedEditsComeBackToABackupAndNothingDoubles(way: Way) async throws {
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-backup-\(UUID().uuidString)")
        .path
      defer { try? FileManager.default.removeItem(atPath: path) }
      let mortal = try await MortalServer()
      let sample = try await SampleWorkflow.imported(into: mortal.server)
      let node = try await ScriptedClient.joined(.node, sample, on: mortal.server)
      let python = try await ScriptedClient.joined(.python, sample, on: mortal.server)
      // Saved, not saved, in conflict, and the branch of an earlier history.
      try await node.edit(.type("<saved>\n", into: sample.body, at: 0))
      try await node.acknowledge()
      try await sample.post("save", on: mortal.server)
      let old = try await ScriptedClient.joined(.node, sample, on: mortal.server)
      try await sample.post("renew", on: mortal.server)
      try await old.wait(.denied(1))
      try await old.edit(.type("<old tab>", into: sample.body, at: 0))
      try await old.acknowledge()
      for client in [node, python, old] { try await client.stop() }
      let tab = try await ScriptedClient.joined(.node, sample, on: mortal.server)
      let other = try await ScriptedClient.joined(.python, sample, on: mortal.server)
      try await tab.edit(.set(sample.firstJob, "name", "Live"))
      try await tab.edit(.type("<one>\n", into: sample.body, at: 0))
      try await expectConvergence([tab, other], on: mortal.server, sample)
      var project = sample.project().text.replacing("\"Fetch\"", with: "\"Imported\"")
      try await sample.importProject(JSONValue(parsing: project), into: mortal.server)
      try await tab.wait(.value(at: ["jobs", ["id": .string(sample.firstJobID)], "name"], is: "Imported"))
      let kept = try await records(sample, on: mortal.server)
      #expect(kept[0]["data"]?.array?.isEmpty == false, "there is a conflict: \(kept[0].text)")
      #expect(kept[3]["data"]?.array?.count == 1, "there is a branch")

      try await way.backUp(mortal.conninfo, to: path)
      // Beyond the backup.
      try await tab.edit(.type("<two>\n", into: sample.body, at: 0))
      try await expectConvergence([tab, other], on: mortal.server, sample)
      try await other.disconnect()
      try await other.edit(.type("<offline>\n", into: sample.secondBody, at: 0))
      try await tab.disconnect()
      try await mortal.move {
        let empty = try TestPostgres.makeDatabase()
        try await way.restore(path, to: empty)
        return empty
      }
      let restored = try await records(sample, on: mortal.server)
      for (before, after) in zip(kept, restored) { #expect(before == after) }
      let fresh = try await ScriptedClient.joined(.node, sample, on: mortal.server)
      #expect(try await fresh.value(at: sample.body).string?.hasPrefix("<one>\n") == true)
      // The server goes on writing under a name of its own, before they are back.
      project = project.replacing("\"Sync patients\"", with: "\"Sync all patients\"")
      try await sample.importProject(JSONValue(parsing: project), into: mortal.server)
      try await tab.connect()
      try await other.connect()
      try await fresh.wait(.text(at: sample.secondBody, contains: "<offline>"))
      try await fresh.wait(.text(at: sample.body, contains: "<two>"))
      // The copy has the lease of the server that it is a copy of, which may first have to run out.
      try await fresh.wait(.value(at: ["workflow", "name"], is: "Sync all patients"), limit: .seconds(30))
      try await expectConvergence([tab, other, fresh], on: mortal.server, sample)
      let body = try await fresh.value(at: sample.body).string ?? ""
      for part in ["<one>", "<two>"] { #expect(body.components(separatedBy: part).count == 2, "\(body)") }
      #expect(try await fresh.value(at: ["workflow", "name"]) == "Sync all patients")
      for client in [tab, other, fresh] {
        try await sample.expectNothingDoubled(client)
        #expect(try await client.summary()["denied"]?.integer ?? 0 == 0)
        try await client.stop()
      }
      try await sample.post("save", on: mortal.server)
      #expect(try await mortal.command("doctor").output.contains(" 0 cannot be read"))
      try await mortal.stop()
    }

    /// What people see of a backup: a folder of their own, with files that can be imported alone.
    @Test func aBackupIsAFolderThatSaysWhatItIs() async throws {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-backup-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      let mortal = try await MortalServer()
      let sample = try await SampleWorkflow.imported(into: mortal.server)
      #expect(try await mortal.command("export", "--all", folder.path).exit == 0)
      let file = try String(contentsOfFile: "\(folder.path)/projects/\(sample.projectID).json", encoding: .utf8)
      #expect(file.contains(sample.firstJobID))
      #expect(
        try await mortal.command("diff", "\(folder.path)/projects/\(sample.projectID).json", "--exit-code").exit == 0)
      #expect(try await mortal.command("export", "--all", folder.path).exit == 1, "it is not empty")
      #expect(try await mortal.command("restore", folder.path).exit == 1, "the database is not empty")
      let table = "\(folder.path)/tables/jobs.copy"
      let text = try String(contentsOfFile: table, encoding: .utf8)
      try text.replacingOccurrences(of: "Fetch", with: "Fetsh").write(toFile: table, atomically: true, encoding: .utf8)
      try await mortal.move {
        let empty = try TestPostgres.makeDatabase()
        let process = try LineProcess(HeddleServer.executable, ["restore", folder.path, "--database-url", empty])
        #expect(try await process.waitForExit() == 1, "a table is not what was written")
        return empty
      }
      #expect(try await mortal.server.request("GET", "/api/workflows/\(sample.id)").status == 404)
      try FileManager.default.removeItem(at: folder.appendingPathComponent("manifest.json"))
      #expect(try await mortal.command("restore", folder.path).exit == 1, "it was not finished")
      try await mortal.stop()
    }
  }
}
