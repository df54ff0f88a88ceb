import TestSupport
import Testing
import Workflow
import YProtocol

extension Interop {
  /// What collab.md promises beyond editing.
  @Suite struct ProtocolTests {
    @Test func unknownDocumentsAreRefusedWithAReasonAndWithoutAClose() async throws {
      let server = try HeddleServer.shared
      for name in [
        "workflow:\(SampleWorkflow.id())", "workflow:nonsense", "something/else", "workflow:\(SampleWorkflow.id()):v3",
      ] {
        let client = try ScriptedClient(.node)
        try await client.open(server.collab, name)
        try await client.wait(.denied(1))
        let summary = try await client.summary()
        #expect(summary["closes"] == [] && summary["connected"] == true && summary["synced"] == false, "\(name)")
        #expect(summary["denied"]?.array?.first?.string?.isEmpty == false)
        try await client.stop()
      }
    }

    @Test func aNameMayBePercentEncoded() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try ScriptedClient(.node)
      try await client.open(server.collab, "workflow%3A\(sample.id.uppercased())")
      try await client.wait(.synced())
      #expect(try await client.value(at: sample.body) == .string(SampleWorkflow.firstBody))
      try await client.stop()
    }

    @Test func aSavedVersionCanBeReadAndNotWritten() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      try await sample.importProject(sample.project(firstBody: "second();\n"), into: server)
      let live = try await ScriptedClient.joined(.node, sample, on: server)
      #expect(try await live.value(at: sample.body) == "second();\n")
      let first = try await ScriptedClient.joined(.python, sample, on: server, version: 1)
      let same = try await ScriptedClient.joined(.node, sample, on: server, version: 1)
      #expect(try await first.value(at: sample.body) == .string(SampleWorkflow.firstBody))
      try await first.edit(.type("// mine\n", into: sample.body, at: 0))
      try await first.wait(.denied(1))
      try await same.acknowledge()
      #expect(try await same.value(at: sample.body) == .string(SampleWorkflow.firstBody))
      #expect(try await live.value(at: sample.body) == "second();\n")
      for client in [live, first, same] { try await client.stop() }
    }

    @Test func unknownMessagesAreIgnored() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(.node, sample, on: server)
      try await client.send([9, 1, 2, 3])
      try await client.send(Message.queryAwareness.encoded() + [1, 2, 3])
      try await client.acknowledge()
      #expect(try await client.summary()["closes"] == [])
      try await client.stop()
    }

    @Test(arguments: [
      (frame: [0, 7, 1, 0] as [UInt8], code: 1002), (frame: [0, 2, 200, 1], code: 1002),
      (frame: [0, 2, 4, 1, 1, 5, 0], code: 1008), (frame: [1, 5, 1, 1, 1, 1, 123], code: 1008),
      (frame: [0, 0, 2, 200, 1], code: 1008),
    ])
    func whatCannotBeReadEndsTheConnection(frame: [UInt8], code: Int) async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let other = try await ScriptedClient.joined(.node, sample, on: server)
      let client = try await ScriptedClient.joined(.node, sample, on: server)
      try await client.send(frame)
      try await client.wait(.closes(1))
      #expect(try await client.summary()["closes"]?.array?.first?["code"]?.integer == code)
      // It comes back on its own, and nobody else has noticed.
      try await client.wait(.synced())
      try await client.edit(.type("still ", into: sample.body, at: 0))
      try await other.wait(.text(at: sample.body, contains: "still "))
      #expect(try await other.summary()["closes"] == [])
      try await client.stop()
      try await other.stop()
    }

    @Test func aMessageAboveTheLimitIsRefused() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(.node, sample, on: server)
      try await client.edit(.type("x", times: 17 << 20, into: sample.body, at: 0))
      try await client.wait(.closes(1), limit: .seconds(30))
      #expect(try await client.summary()["closes"]?.array?.first?["code"]?.integer == 1009)
      try await client.stop()
      #expect(try await sample.live(on: server)["dirty"] == false)
    }
  }
}
