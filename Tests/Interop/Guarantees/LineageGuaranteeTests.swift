import TestSupport
import Testing
import Workflow

extension Interop {
  /// Old tabs that come back after their document was made anew.
  @Suite struct LineageGuaranteeTests {
    /// How a document loses its history.
    enum Loss: CaseIterable, Sendable {
      /// Somebody has it renewed.
      case renewal
      /// It is deleted, and the rows are as they were.
      case deletion
      /// It is deleted, and the rows have changed.
      case deletionAndChange
      /// So is all that tells of its history.
      case deletionOfEverything
      /// Its log is deleted; the operator has it made anew.
      case lossOfTheLog

      /// Whether clients of the old history are clients of the new one.
      var isSameHistory: Bool { self == .deletion }
    }

    private func lose(_ loss: Loss, _ sample: SampleWorkflow, _ mortal: MortalServer) async throws {
      let change = "update workflows set concurrency = 7 where id = '\(sample.id)'"
      switch loss {
      case .renewal: try await sample.post("renew", on: mortal.server)
      case .deletion: try await mortal.kill { try $0.run("delete from documents") }
      case .deletionAndChange: try await mortal.kill { try $0.run("delete from documents; \(change)") }
      case .deletionOfEverything:
        try await mortal.kill { try $0.run("delete from documents; delete from document_lineages; \(change)") }
      case .lossOfTheLog:
        try await mortal.kill { try $0.run("delete from document_updates; delete from document_checkpoints") }
        let found = try await mortal.command("doctor")
        #expect(found.exit == 1 && found.output.contains(sample.id), "\(found.output)")
        let mended = try await mortal.command("doctor", "--renew", sample.id)
        #expect(mended.exit == 0, "\(mended.output)")
        let sound = try await mortal.command("doctor")
        #expect(sound.output.contains(" 0 cannot be read"), "\(sound.output)")
      }
    }

    @Test(arguments: Loss.allCases)
    func g14_nothingDoublesAndNothingTypedIsLost(loss: Loss) async throws {
      let mortal = try await MortalServer()
      let sample = try await SampleWorkflow.imported(into: mortal.server)
      let node = try await ScriptedClient.joined(.node, sample, on: mortal.server)
      let python = try await ScriptedClient.joined(.python, sample, on: mortal.server)
      try await node.edit(.type("<unsaved>\n", into: sample.body, at: 0))
      try await expectConvergence([node, python], on: mortal.server, sample)
      try await python.disconnect()
      try await python.edit(.type("<offline>\n", into: sample.secondBody, at: 0))
      try await lose(loss, sample, mortal)

      if loss.isSameHistory {
        try await node.wait(.synced(), limit: .seconds(30))
        try await python.connect()
        try await expectConvergence([node, python], on: mortal.server, sample)
        #expect(try await sample.branches(on: mortal.server).isEmpty)
      } else {
        try await node.wait(.denied(1), limit: .seconds(30))
        try await python.connect()
        try await python.wait(.denied(1), limit: .seconds(30))
      }
      let fresh = try await ScriptedClient.joined(.node, sample, on: mortal.server)
      for client in [node, python, fresh] { try await sample.expectNothingDoubled(client, "\(loss)") }
      for branch in try await sample.branches(on: mortal.server) {
        try await sample.post("branches/\(branch["id"]?.integer ?? 0)/merge", on: mortal.server)
      }
      try await expectConvergence([fresh], on: mortal.server, sample)
      #expect(try await fresh.value(at: sample.body) == .string("<unsaved>\n" + SampleWorkflow.firstBody))
      #expect(try await fresh.value(at: sample.secondBody) == .string("<offline>\n" + SampleWorkflow.secondBody))
      try await sample.expectNothingDoubled(fresh, "\(loss), merged")
      #expect(try await sample.branches(on: mortal.server).isEmpty)
      for client in [node, python, fresh] { try await client.stop() }
      try await mortal.stop()
    }

    /// Nobody tells the server that the document it has loaded is gone. It finds out with the next save, and clients come back.
    @Test func aDocumentThatIsDeletedUnderItsClientsIsMadeAgain() async throws {
      let mortal = try await MortalServer()
      let sample = try await SampleWorkflow.imported(into: mortal.server)
      let node = try await ScriptedClient.joined(.node, sample, on: mortal.server)
      try await node.edit(.type("<unsaved>\n", into: sample.body, at: 0))
      try await node.acknowledge()
      try PlainConnection(mortal.conninfo).run("delete from documents")
      let (status, _) = try await mortal.server.request("POST", "/api/workflows/\(sample.id)/save")
      #expect(status == 503)
      try await node.wait(.closes(1), limit: .seconds(30))
      try await node.wait(.synced(), limit: .seconds(30))
      let (again, answer) = try await mortal.server.request("POST", "/api/workflows/\(sample.id)/save")
      #expect(again == 200, "\(answer.text)")
      #expect(answer.text.contains("<unsaved>"), "the client brought it back")
      try await sample.expectNothingDoubled(node, "made again")
      try await node.stop()
      try await mortal.stop()
    }

    @Test(arguments: ScriptedClient.Kind.allCases)
    func g14_oldTabsBringBackWhatABackupLacks(kind: ScriptedClient.Kind) async throws {
      let (imported, restored) = (
        "<imported>\n" + SampleWorkflow.secondBody, "<restored>\n" + SampleWorkflow.secondBody
      )
      let mortal = try await MortalServer()
      let sample = try await SampleWorkflow.imported(into: mortal.server)
      let tab = try await ScriptedClient.joined(kind, sample, on: mortal.server)
      try await tab.edit(.type("<one>\n", into: sample.body, at: 0))
      try await tab.acknowledge()
      let backup = try await mortal.backup()
      try await tab.wait(.synced(), limit: .seconds(30))
      // Beyond the backup: what the tab types, and what servers write.
      try await tab.edit(.type("<two>\n", into: sample.body, at: 0))
      try await tab.acknowledge()
      try await sample.importProject(sample.project(secondBody: imported), into: mortal.server)
      try await tab.wait(.value(at: sample.secondBody, is: .string(imported)))
      try await tab.disconnect()
      try await mortal.restore(backup)
      // The server goes on from there, and writes as much as it had written before, but something else.
      try await sample.importProject(sample.project(secondBody: restored), into: mortal.server)
      let fresh = try await ScriptedClient.joined(.node, sample, on: mortal.server)
      #expect(try await fresh.value(at: sample.body) == .string("<one>\n" + SampleWorkflow.firstBody))
      #expect(try await fresh.value(at: sample.secondBody) == .string(restored))
      try await tab.connect()
      try await fresh.wait(.text(at: sample.body, contains: "<two>"))
      try await expectConvergence([tab, fresh], on: mortal.server, sample)
      for client in [tab, fresh] { try await sample.expectNothingDoubled(client) }
      #expect(try await fresh.value(at: sample.body) == .string("<two>\n<one>\n" + SampleWorkflow.firstBody))
      let second = try await fresh.value(at: sample.secondBody).string ?? ""
      #expect(second.contains("<imported>") && second.contains("<restored>"), "\(second)")
      for client in [tab, fresh] { try await client.stop() }
      try await mortal.stop()
    }

    @Test(arguments: ScriptedClient.Kind.allCases)
    func g14_laterTypingInAnOldTabGoesIntoItsBranch(kind: ScriptedClient.Kind) async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let tab = try await ScriptedClient.joined(kind, sample, on: server)
      try await sample.post("renew", on: server)
      try await tab.wait(.denied(1))
      #expect(try await sample.branches(on: server).isEmpty, "there is nothing in it")
      for number in 1...3 {
        try await tab.edit(.type("<\(number)>", into: sample.body, at: 0))
        try await tab.acknowledge()
        try await tab.disconnect()
        try await tab.connect()
        try await tab.wait(.denied(2 + number))
      }
      let branches = try await sample.branches(on: server)
      #expect(branches.count == 1)
      #expect(
        branches.first?["changes"]?.array?.map { $0["after"] } == [.string("<3><2><1>" + SampleWorkflow.firstBody)])
      // Merged once, and once more after it was typed on.
      let fresh = try await ScriptedClient.joined(.node, sample, on: server)
      try await sample.post("branches/1/merge", on: server)
      try await fresh.edit(.type("<live>", into: sample.body, at: -1))
      try await tab.edit(.type("<4>", into: sample.body, at: 0))
      try await tab.acknowledge()
      #expect(try await sample.branches(on: server).count == 1)
      try await sample.post("branches/1/merge", on: server)
      let expected = JSONValue.string("<4><3><2><1>" + SampleWorkflow.firstBody + "<live>")
      try await fresh.wait(.value(at: sample.body, is: expected))
      #expect(try await sample.branches(on: server).isEmpty)
      for client in [tab, fresh] { try await client.stop() }
    }

    @Test func anOldTabIsLeftInPeaceAndLeavesOthersInPeace() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let tab = try await ScriptedClient.joined(.node, sample, on: server)
      try await sample.post("renew", on: server)
      try await tab.wait(.denied(1))
      let fresh = try await ScriptedClient.joined(.python, sample, on: server)
      try await fresh.edit(.type("<new>", into: sample.body, at: 0))
      try await tab.edit(.type("<old>", into: sample.body, at: 0))
      try await tab.show(["user": "old"])
      try await fresh.acknowledge()
      try await tab.acknowledge()
      #expect(try await tab.value(at: sample.body) == .string("<old>" + SampleWorkflow.firstBody))
      #expect(try await fresh.value(at: sample.body) == .string("<new>" + SampleWorkflow.firstBody))
      #expect(try await fresh.shown().count == 1, "its cursor would point nowhere")
      let summary = try await tab.summary()
      #expect(summary["synced"] == false && summary["connected"] == true)
      #expect(summary["closes"]?.array?.count == 1, "it was closed once, by the renewal")
      for client in [tab, fresh] { try await client.stop() }
    }

    /// The room that is open has the document as it was before. What it cannot do any more the next one does.
    @Test func whatIsAskedRightAfterARenewalIsDone() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(.python, sample, on: server)
      for _ in 0..<20 {
        async let saved = sample.post("save", on: server)
        try await sample.post("renew", on: server)
        try await sample.post("save", on: server)
        _ = try await saved
      }
      try await client.stop()
    }
  }
}
