import TestSupport
import Testing
import Workflow

/// What y-websocket 4 shows people: its edits are stored once they came back.
@Suite struct EchoTests {
  private static func withServer(
    _ arguments: String..., body: (HeddleServer, SampleWorkflow, PlainConnection) async throws -> Void
  ) async throws {
    let database = try TestPostgres.makeDatabase()
    let server = try await HeddleServer(arguments: ["--database-url", database] + arguments)
    try await body(server, SampleWorkflow.imported(into: server), PlainConnection(database))
    try await server.stop()
  }

  private static func joined(_ sample: SampleWorkflow, on server: HeddleServer) async throws -> ScriptedClient {
    let client = try ScriptedClient(.node)
    try await client.open(server.collab, sample.document, wantsEchoes: true)
    try await client.wait(.synced())
    return client
  }

  @Test func anEditComesBackAfterItsCommitAndNotBefore() async throws {
    try await Self.withServer { server, sample, psql in
      let client = try await Self.joined(sample, on: server)
      let other = try await ScriptedClient.joined(.node, sample, on: server)
      try psql.run("begin; lock table document_updates in exclusive mode")
      try await client.edit(.type("// mine\n", into: sample.body, at: 0))
      try await other.wait(.text(at: sample.body, contains: "// mine"))
      try await other.edit(.type("// theirs\n", into: sample.body, at: 0))
      // What comes later on the same connection is here: an echo would be as well.
      try await client.wait(.text(at: sample.body, contains: "// theirs"))
      #expect(try await client.summary()["unconfirmed"]?.integer == 8)
      try psql.run("commit")
      try await client.wait(.unconfirmed(0))
      try await client.edit(.remove(3, from: sample.body, at: 0))
      try await client.wait(.unconfirmed(0))
      try await other.wait(.text(at: sample.body, contains: "theirs"))
      // Who does not ask gets nothing of its own back.
      try await other.acknowledge()
      let updates = try await other.summary()["frames"]?["0/2"]?.integer
      try await other.edit(.type("x", into: sample.body, at: 0))
      try await other.acknowledge()
      #expect(try await other.summary()["frames"]?["0/2"]?.integer == updates)
      for each in [client, other] { try await each.stop() }
    }
  }

  @Test func whatWasStoredWhenTheConnectionBrokeComesBackWithTheNext() async throws {
    try await Self.withServer { server, sample, psql in
      let client = try await Self.joined(sample, on: server)
      let other = try await ScriptedClient.joined(.node, sample, on: server)
      try psql.run("begin; lock table document_updates in exclusive mode")
      try await client.edit(.type("// mine\n", into: sample.body, at: 0))
      try await other.wait(.text(at: sample.body, contains: "// mine"))
      try await client.drop()
      try await client.wait(.connected(false))
      try await client.edit(.type("// offline\n", into: sample.body, at: 0))
      try psql.run("commit")
      try await other.acknowledge()
      try await client.connect()
      try await client.wait(.unconfirmed(0))
      try await expectConvergence([client, other], on: server, sample)
      for each in [client, other] { try await each.stop() }
    }
  }

  @Test func theServerMayEchoToEverybody() async throws {
    try await Self.withServer("--echo-updates") { server, sample, _ in
      let client = try await ScriptedClient.joined(.node, sample, on: server)
      try await client.edit(.type("// mine\n", into: sample.body, at: 0))
      try await client.acknowledge()
      // The answer to its own question comes behind the edit.
      #expect(try await client.summary()["frames"]?["0/2"]?.integer == 1)
      try await client.stop()
    }
  }
}
