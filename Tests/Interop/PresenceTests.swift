import TestSupport
import Testing
import Workflow
import YProtocol

extension Interop {
  /// Awareness across clients of both implementations.
  @Suite struct PresenceTests {
    private static let ada: JSONValue = ["user": ["name": "Ada Lövelace"], "cursor": ["x": 1, "y": 2]]

    @Test func everybodySeesWhatOthersShow() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try ScriptedClient(.node)
      let python = try ScriptedClient(.python)
      let nodeID = try await node.open(server.collab, sample.document)
      let pythonID = try await python.open(server.collab, sample.document)
      try await node.show(Self.ada)
      try await python.wait(.client(nodeID, shows: Self.ada))
      try await python.show(["user": "Grace"])
      try await node.wait(.client(pythonID, shows: ["user": "Grace"]))
      try await node.show(["user": "Ada"])
      try await python.wait(.client(nodeID, shows: ["user": "Ada"]))
      // Somebody new sees everybody at once.
      let late = try ScriptedClient(.node)
      try await late.open(server.collab, sample.document)
      try await late.wait(.client(nodeID, shows: ["user": "Ada"]))
      try await late.wait(.client(pythonID, shows: ["user": "Grace"]))
      for client in [node, python, late] { try await client.stop() }
    }

    @Test func whoLeavesIsGone() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let stays = try await ScriptedClient.joined(.python, sample, on: server)
      let leaves = try ScriptedClient(.node)
      let polite = try await leaves.open(server.collab, sample.document)
      try await leaves.show(Self.ada)
      try await stays.wait(.client(polite, shows: Self.ada))
      try await leaves.disconnect()
      try await stays.wait(.client(polite, shows: nil))
      let vanishes = try ScriptedClient(.node)
      let rude = try await vanishes.open(server.collab, sample.document)
      try await vanishes.show(Self.ada)
      try await stays.wait(.client(rude, shows: Self.ada))
      try await vanishes.drop()
      try await stays.wait(.client(rude, shows: nil))
      for client in [stays, leaves, vanishes] { try await client.stop() }
    }

    /// Clients keep their clock over a short cut, and peers take no news under a known clock: without the server's
    /// answer they would stay unseen until they renew, up to 15 s later.
    @Test(arguments: ScriptedClient.Kind.allCases)
    func whoReconnectsIsSeenAtOnce(kind: ScriptedClient.Kind) async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let stays = try await ScriptedClient.joined(.node, sample, on: server)
      let returns = try ScriptedClient(kind)
      let id = try await returns.open(server.collab, sample.document)
      try await returns.wait(.synced())
      try await returns.show(Self.ada)
      try await stays.wait(.client(id, shows: Self.ada))
      try await returns.drop()
      try await stays.wait(.client(id, shows: nil))
      try await returns.connect()
      try await stays.wait(.client(id, shows: Self.ada), limit: .seconds(5))
      try await stays.stop()
      try await returns.stop()
    }

    @Test func aClientHearsItsOwnRenewal() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try await ScriptedClient.joined(.node, sample, on: server)
      try await node.show(Self.ada)
      try await node.acknowledge()
      #expect((try await node.summary()["frames"]?["1"]?.integer ?? 0) >= 1)
      try await node.stop()
    }
  }
}
