import TestSupport
import Testing
import Workflow

extension Interop {
  /// Unmodified Yjs clients of two implementations edit one workflow together.
  @Suite struct EditingTests {
    @Test func bothImplementationsSeeTheImportedWorkflow() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      for kind in ScriptedClient.Kind.allCases {
        let client = try await ScriptedClient.joined(kind, sample, on: server)
        let content = try await client.content()
        #expect(content["workflow"]?["name"] == "Sync patients")
        #expect(content["workflow"]?["lock_version"]?.integer == 1)
        #expect(content["jobs"]?.array?.count == 2 && content["edges"]?.array?.count == 2)
        #expect(try await client.value(at: sample.body) == .string(SampleWorkflow.firstBody))
        try await client.stop()
      }
    }

    @Test func nestedMapsArraysAndTextsReachEverybody() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try await ScriptedClient.joined(.node, sample, on: server)
      let python = try await ScriptedClient.joined(.python, sample, on: server)
      let third = try await ScriptedClient.joined(.node, sample, on: server)
      try await node.edit(
        .set(["workflow"], "meta", .sharedMap(["tags": .sharedArray(["a", .sharedMap(["deep": true])])])),
        .type("// é🙂\n", into: sample.body, at: 0))
      try await python.wait(.value(at: ["workflow", "meta", "tags"], is: ["a", ["deep": true]]))
      try await python.edit(
        .insert([1, .sharedText("inner")], into: ["workflow", "meta", "tags"], at: 1),
        .set(["positions"], sample.firstJobID, ["x": 10, "y": .number(2.5)]),
        .type("// from python\n", into: sample.body, at: -1))
      try await third.wait(.value(at: ["workflow", "meta", "tags"], is: ["a", 1, "inner", ["deep": true]]))
      try await third.edit(
        .type("!", into: ["workflow", "meta", "tags", 2], at: 5), .remove(1, from: ["workflow", "meta", "tags"], at: 0))
      let content = try await expectConvergence([node, python, third], on: server, sample)
      #expect(content["workflow"]?["meta"]?["tags"] == [1, "inner!", ["deep": true]])
      #expect(content["jobs"]?.array?[0]["body"] == .string("// é🙂\n\(SampleWorkflow.firstBody)// from python\n"))
      for client in [node, python, third] { try await client.stop() }
    }

    @Test func everyMessageComesInAFrameOfItsOwn() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try await ScriptedClient.joined(.node, sample, on: server)
      let other = try await ScriptedClient.joined(.node, sample, on: server)
      for number in 0..<10 { try await other.edit(.type("\(number)", into: sample.body, at: 0)) }
      try await node.wait(.value(at: sample.body, is: .string("9876543210\(SampleWorkflow.firstBody)")))
      let frames = try await node.summary()["frames"]
      #expect(frames?["0/2"] == 10)
      #expect(frames?["0/0"] == 1 && frames?["0/1"] == 1)
      // A writer is not sent its own updates.
      #expect(try await other.summary()["frames"]?["0/2"] == nil)
      try await node.stop()
      try await other.stop()
    }

    @Test(arguments: ScriptedClient.Kind.allCases)
    func editsMadeOfflineMergeOnReconnect(kind: ScriptedClient.Kind) async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let traveller = try await ScriptedClient.joined(kind, sample, on: server)
      let other = try await ScriptedClient.joined(.node, sample, on: server)
      try await traveller.disconnect()
      try await traveller.wait(.connected(false))
      try await traveller.edit(
        .type("// offline\n", into: sample.body, at: 0), .set(sample.firstJob, "name", "Fetch all"))
      try await other.edit(.type("// online\n", into: sample.body, at: -1), .remove(3, from: sample.secondBody, at: 0))
      try await other.acknowledge()
      try await traveller.connect()
      try await traveller.wait(.synced())
      let content = try await expectConvergence([traveller, other], on: server, sample)
      let job = content["jobs"]?.array?[0]
      #expect(job?["body"] == .string("// offline\n\(SampleWorkflow.firstBody)// online\n"))
      #expect(job?["name"] == "Fetch all")
      try await traveller.stop()
      try await other.stop()
    }

    @Test func connectionsThatBreakLoseNothing() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try await ScriptedClient.joined(.node, sample, on: server)
      let python = try await ScriptedClient.joined(.python, sample, on: server)
      for round in 0..<5 {
        let (breaking, staying) = round.isMultiple(of: 2) ? (node, python) : (python, node)
        try await breaking.edit(.type("\(round)", into: sample.body, at: 0))
        try await breaking.drop()
        try await breaking.edit(.type("\(round)", into: sample.secondBody, at: 0))
        try await staying.edit(.type(".", into: sample.secondBody, at: -1))
        try await breaking.connect()
        try await breaking.wait(.synced())
      }
      let content = try await expectConvergence([node, python], on: server, sample)
      #expect(content["jobs"]?.array?[1]["body"]?.string?.hasSuffix(".....") == true)
      #expect(content["jobs"]?.array?[0]["body"]?.string?.count == SampleWorkflow.firstBody.count + 5)
      try await node.stop()
      try await python.stop()
    }

    @Test func messagesOfMegabytesArriveWhole() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try await ScriptedClient.joined(.node, sample, on: server)
      let python = try await ScriptedClient.joined(.python, sample, on: server)
      let original = SampleWorkflow.firstBody.utf16.count
      try await node.edit(.type("0123456789é\n", times: 250_000, into: sample.body, at: 0))
      try await python.wait(.length(at: sample.body, is: original + 3_000_000), limit: .seconds(30))
      #expect((try await python.summary()["largestFrame"]?.integer ?? 0) > 3_000_000)
      try await python.edit(.type("🙂", times: 400_000, into: sample.secondBody, at: 0))
      try await node.wait(
        .length(at: sample.secondBody, is: SampleWorkflow.secondBody.utf16.count + 800_000), limit: .seconds(30))
      // Somebody new gets all of it in one answer.
      let late = try await ScriptedClient.joined(.node, sample, on: server)
      try await late.wait(.length(at: sample.body, is: original + 3_000_000))
      #expect((try await late.summary()["largestFrame"]?.integer ?? 0) > 4_600_000)
      for client in [node, python, late] { try await client.stop() }
    }

    @Test func aRoomThatWasLeftIsAsItWasLeft() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let first = try await ScriptedClient.joined(.node, sample, on: server)
      try await first.edit(.type("// unsaved\n", into: sample.body, at: 0))
      try await first.acknowledge()
      let state = try await first.content()
      try await first.stop()
      let second = try await ScriptedClient.joined(.python, sample, on: server)
      #expect(try await second.content() == state)
      #expect(try await sample.live(on: server)["dirty"] == true)
      try await second.stop()
    }

    /// Random edits and cuts of four clients at once.
    @Test(arguments: [UInt64(1), 2])
    func randomSessionsConverge(seed: UInt64) async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      var generator = SeededGenerator(seed: seed)
      var clients: [ScriptedClient] = []
      for kind in [ScriptedClient.Kind.node, .python, .node, .python] {
        clients.append(try await ScriptedClient.joined(kind, sample, on: server))
      }
      var isConnected = clients.map { _ in true }
      for step in 0..<80 {
        let index = Int.random(in: 0..<clients.count, using: &generator)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0 where isConnected[index]:
          try await clients[index].drop()
          isConnected[index] = false
        case 0,
          1 where !isConnected[index]:
          try await clients[index].connect()
          try await clients[index].wait(.synced())
          isConnected[index] = true
        default: try await clients[index].edit(randomEdit(step, sample, using: &generator))
        }
      }
      for index in clients.indices where !isConnected[index] {
        try await clients[index].connect()
        try await clients[index].wait(.synced())
      }
      try await expectConvergence(clients, on: server, sample)
      for client in clients { try await client.stop() }
    }

    private func randomEdit(_ step: Int, _ sample: SampleWorkflow, using generator: inout SeededGenerator) -> Edit {
      let body = Bool.random(using: &generator) ? sample.body : sample.secondBody
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: return .remove(1, from: body, at: Int.random(in: 0..<5, using: &generator))
      case 1: return .set(["positions"], sample.firstJobID, ["x": JSONValue(step), "y": 0])
      case 2: return .set(sample.firstJob, "name", .string("Name \(step)"))
      case 3: return .set(["workflow"], "note\(step % 3)", .sharedMap(["step": JSONValue(step)]))
      default: return .type("«\(step)»", into: body, at: Int.random(in: 0..<10, using: &generator))
      }
    }
  }
}
