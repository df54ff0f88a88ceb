import TestSupport
import Testing
import Workflow

extension Interop {
  /// The server ends, in the ways that servers end.
  @Suite struct RestartTests {
    @Test func whatWasAcknowledgedSurvivesAKill() async throws {
      var server = try await HeddleServer()
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try await ScriptedClient.joined(.node, sample, on: server)
      for number in 0..<20 { try await node.edit(.type("\(number) ", into: sample.body, at: -1)) }
      try await node.acknowledge()
      let expected = try await node.value(at: sample.body)
      try await node.stop()
      server = try await server.killAndRestart()
      let python = try await ScriptedClient.joined(.python, sample, on: server)
      #expect(try await python.value(at: sample.body) == expected)
      #expect(try await sample.live(on: server)["dirty"] == true)
      try await python.stop()
      try await server.stop()
    }

    @Test func aStopIsAnnouncedAndLosesNothing() async throws {
      let server = try await HeddleServer()
      let sample = try await SampleWorkflow.imported(into: server)
      let node = try await ScriptedClient.joined(.node, sample, on: server)
      try await node.edit(.type("// last words\n", into: sample.body, at: 0))
      try await node.acknowledge()
      #expect(try await server.terminate() == 0)
      try await node.wait(.closes(1))
      #expect(try await node.summary()["closes"]?.array?.first?["code"]?.integer == 1012)
      try await node.stop()
      let next = try await HeddleServer(data: server.data)
      let python = try await ScriptedClient.joined(.python, sample, on: next)
      try await python.wait(.text(at: sample.body, contains: "last words"))
      try await python.stop()
      try await next.stop()
    }
  }
}
