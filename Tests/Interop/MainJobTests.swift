import TestSupport
import Testing
import Workflow

extension Interop {
  /// The reason for all of this: people type, somebody imports, nothing is lost.
  @Suite struct MainJobTests {
    @Test func anImportArrivesInBothClientsMergedWithWhatTheyTyped() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try await ScriptedClient.joined(.node, sample, on: server)
      let python = try await ScriptedClient.joined(.python, sample, on: server)
      try await node.edit(.type("// typed in node\n", into: sample.body, at: 0))
      try await python.edit(.type("// typed in python\n", into: sample.secondBody, at: -1))
      try await python.wait(.text(at: sample.body, contains: "typed in node"))
      let imported = "get('/patients', { query: { since } });\nfn(state => state);\n"
      try await sample.importProject(sample.project(firstBody: imported), into: server)
      for client in [node, python] {
        try await client.wait(.value(at: sample.body, is: .string("// typed in node\n\(imported)")))
      }
      let content = try await expectConvergence([node, python], on: server, sample)
      #expect(content["jobs"]?.array?[1]["body"] == .string("\(SampleWorkflow.secondBody)// typed in python\n"))
      #expect(content["workflow"]?["lock_version"]?.integer == 2)
      for client in [node, python] { try await client.stop() }
    }

    @Test func anImportComesAsOneUpdateAndOnlyIfSomethingDiffers() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try await ScriptedClient.joined(.node, sample, on: server)
      try await sample.importProject(sample.project(), into: server)
      try await node.acknowledge()
      #expect(try await node.summary()["frames"]?["0/2"] == nil)
      try await sample.importProject(sample.project(firstBody: "a();\n", secondBody: "b();\n"), into: server)
      try await node.wait(.value(at: sample.body, is: "a();\n"))
      try await node.wait(.value(at: sample.secondBody, is: "b();\n"))
      try await node.acknowledge()
      #expect(try await node.summary()["frames"]?["0/2"] == 1)
      try await node.stop()
    }

    @Test func aClientThatWasOfflineDuringAnImportMergesItsEdits() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let python = try await ScriptedClient.joined(.python, sample, on: server)
      try await python.disconnect()
      try await python.edit(.type("// offline\n", into: sample.body, at: -1))
      try await sample.importProject(
        sample.project(firstBody: "// imported\n\(SampleWorkflow.firstBody)"), into: server)
      try await python.connect()
      try await python.wait(
        .value(at: sample.body, is: .string("// imported\n\(SampleWorkflow.firstBody)// offline\n")))
      try await python.stop()
    }

    @Test func whatWasTypedIsSavedByASave() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try await ScriptedClient.joined(.node, sample, on: server)
      try await node.edit(.type("// saved\n", into: sample.body, at: 0))
      try await node.acknowledge()
      #expect(try await sample.live(on: server)["dirty"] == true)
      let (status, answer) = try await server.request("POST", "/api/workflows/\(sample.id)/save")
      #expect(status == 200, "\(answer.text)")
      #expect(answer["lock_version"]?.integer == 2)
      try await node.wait(.value(at: ["workflow", "lock_version"], is: 2))
      #expect(try await sample.live(on: server)["dirty"] == false)
      let exported = try await server.request("GET", "/api/provision/\(sample.projectID)").body
      let jobs = exported["data"]?["workflows"]?.array?.first?["jobs"]?.array ?? []
      #expect(jobs.contains { $0["body"] == .string("// saved\n\(SampleWorkflow.firstBody)") })
      try await node.stop()
    }

    @Test func aResetTakesBackWhatWasNotSaved() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try await ScriptedClient.joined(.node, sample, on: server)
      try await node.edit(.type("// unwanted\n", into: sample.body, at: 0), .set(["workflow"], "name", "Unwanted"))
      try await node.acknowledge()
      let (status, answer) = try await server.request("POST", "/api/workflows/\(sample.id)/reset")
      #expect(status == 200, "\(answer.text)")
      try await node.wait(.value(at: sample.body, is: .string(SampleWorkflow.firstBody)))
      try await node.wait(.value(at: ["workflow", "name"], is: "Sync patients"))
      try await node.stop()
    }
  }
}
