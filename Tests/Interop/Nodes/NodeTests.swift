import Foundation
import TestSupport
import Testing
import Workflow
import YCRDT

/// Three real servers on one database, and real clients that are spread over them.
@Suite(.serialized) struct NodeTests {
  private typealias Kind = ScriptedClient.Kind

  private static func person(_ number: Int) -> JSONValue { ["user": ["name": .string("Person \(number)")]] }

  /// Clients of all protocols, one after the other on the next node.
  private func clients(
    _ nodes: NodeGroup, _ sample: SampleWorkflow
  ) async throws -> [(client: ScriptedClient, id: UInt64)] {
    var clients: [(client: ScriptedClient, id: UInt64)] = []
    for (place, kind) in Kind.allCases.enumerated() {
      let client = try ScriptedClient(kind)
      let id = try await client.open(nodes[place % nodes.servers.count].collab, sample.document)
      try await client.wait(.synced())
      clients.append((client, id))
    }
    return clients
  }

  /// Waits until all have what each has, and checks that it is the same.
  private func expectEqual(_ clients: [(client: ScriptedClient, id: UInt64)]) async throws {
    for (client, _) in clients {
      let vector = try await client.stateVector()
      for (other, _) in clients { try await other.wait(.covers(vector)) }
    }
    let content = try await clients[0].client.content()
    for (client, _) in clients { #expect(try await client.content() == content, "\(client.kind)") }
  }

  @Test(arguments: [false, true])
  func whatHappensOnOneNodeIsSeenOnAll(overRedis: Bool) async throws {
    let redis = overRedis ? try RedisServer() : nil
    let nodes = try await NodeGroup(3, arguments: redis.map { ["--bus-url", $0.url] } ?? [])
    let sample = try await SampleWorkflow.imported(into: nodes[0])
    let clients = try await clients(nodes, sample)
    for (place, (client, _)) in clients.enumerated() { try await client.show(Self.person(place)) }
    for (client, _) in clients {
      for (place, other) in clients.enumerated() { try await client.wait(.client(other.id, shows: Self.person(place))) }
    }

    for (place, (client, _)) in clients.enumerated() {
      try await client.edit(.type("// \(place)\n", into: sample.body, at: 0))
    }
    try await expectEqual(clients)

    let (status, answer) = try await nodes[1].request("POST", "/api/workflows/\(sample.id)/save")
    #expect(status == 200, "\(answer.text)")
    for (client, _) in clients { try await client.wait(.value(at: ["workflow", "lock_version"], is: 2)) }

    let before = try await nodes.sum("heddle_reconciles_total")
    try await sample.importProject(sample.project(secondBody: "post('/elsewhere');\n"), into: nodes[2])
    for (client, _) in clients { try await client.wait(.text(at: sample.secondBody, contains: "elsewhere")) }
    try await expectEqual(clients)
    #expect(try await nodes.sum("heddle_reconciles_total") == before + 1)

    try await clients[0].client.disconnect()
    for (client, _) in clients.dropFirst() { try await client.wait(.client(clients[0].id, shows: nil)) }
    for (client, _) in clients { try await client.stop() }
    #expect(try await nodes.sum("heddle_bus_malformed_total") == 0)
    try await nodes.stop()
    redis?.kill()
  }

  @Test func aColdDocumentIsLoadedAndMergedOnce() async throws {
    let nodes = try await NodeGroup(3, arguments: ["--unload-grace", "0s"])
    let sample = try await SampleWorkflow.imported(into: nodes[0])
    _ = try await sample.live(on: nodes[0])
    try await until("nobody has it open") { try await nodes.sum("heddle_rooms") == 0 }
    let (loads, reconciles) = (
      try await nodes.sum("heddle_document_loads_total"), try await nodes.sum("heddle_reconciles_total")
    )
    try PlainConnection(nodes.database).run("update workflows set name = 'Changed' where id = '\(sample.id)'")
    try await until("it is merged") { try await nodes.sum("heddle_reconciles_total") > reconciles }
    try await until("nobody has it open") { try await nodes.sum("heddle_rooms") == 0 }
    #expect(try await nodes.sum("heddle_reconciles_total") == reconciles + 1)
    #expect(try await nodes.sum("heddle_document_loads_total") == loads + 1)
    try await nodes.stop()
  }

  /// A node dies under load: what it acknowledged is there, its members' presence goes, and they go on elsewhere.
  @Test func whatADeadNodeAcknowledgedIsThere() async throws {
    let nodes = try await NodeGroup(3)
    let sample = try await SampleWorkflow.imported(into: nodes[0])
    let stays = try await ScriptedClient.joined(.node, sample, on: nodes[0])
    let vanishes = try ScriptedClient(.python)
    let vanishing = try await vanishes.open(nodes[2].collab, sample.document)
    try await vanishes.show(Self.person(1))
    try await stays.wait(.client(vanishing, shows: Self.person(1)))

    let members = (0..<3).map { LedgerMember(prefix: "m\($0)", clientID: 4_000_000_000 + ClientID($0)) }
    for (place, member) in members.enumerated() {
      try member.connect(port: nodes[place].port, document: sample.document)
    }
    for _ in 0..<60 {
      for member in members {
        try member.write()
        try member.awaitAcknowledgements(open: 8)
      }
    }
    try await nodes.kill(2)
    members[2].disconnect()
    try members[2].connect(port: nodes[0].port, document: sample.document)
    for _ in 0..<30 {
      for member in members {
        try member.write()
        try member.awaitAcknowledgements(open: 8)
      }
    }
    for member in members { try member.awaitAcknowledgements(open: 0) }
    for (place, server) in nodes.servers.enumerated() {
      let fresh = LedgerMember(prefix: "fresh", clientID: 4_100_000_000 + ClientID(place))
      try fresh.connect(port: server.port, document: sample.document)
      // What one node has acknowledged another one reads a moment later.
      for member in members { try fresh.awaitEverything(of: member) }
    }
    #expect(members.reduce(0) { $0 + $1.acknowledged } == 270)
    try await stays.wait(.client(vanishing, shows: nil))
    for server in nodes.servers {
      try await until("the dead one is missed") { try await server.metric("heddle_nodes") == 2 }
    }
    try await vanishes.stop()
    try await stays.stop()
    try await nodes.stop()
  }

  @Test func withoutRedisEverythingGoesOnByPoll() async throws {
    let redis = try RedisServer()
    let nodes = try await NodeGroup(2, arguments: ["--bus-url", redis.url, "--poll-interval", "1s"])
    let sample = try await SampleWorkflow.imported(into: nodes[0])
    let clients = try await clients(nodes, sample)
    try await clients[0].client.edit(.type("// with\n", into: sample.body, at: 0))
    try await expectEqual(clients)
    redis.kill()
    for server in nodes.servers {
      try await until("it is noticed") { try await server.metric("heddle_bus_connected") == 0 }
      #expect(try await server.request("GET", "/readyz").status == 200)
      let log = try server.log()
      #expect(log.contains("the bus is away") && !log.contains(RedisServer.password) && !log.contains("cret%20"))
    }
    for (place, (client, _)) in clients.enumerated() {
      try await client.edit(.type("// without \(place)\n", into: sample.body, at: 0))
    }
    try await expectEqual(clients)
    for (client, _) in clients { try await client.stop() }
    try await nodes.stop()
  }

  @Test func cutConnectionsToTheDatabaseLoseNothing() async throws {
    let nodes = try await NodeGroup(3)
    let sample = try await SampleWorkflow.imported(into: nodes[0])
    let clients = try await clients(nodes, sample)
    let psql = try PlainConnection(nodes.database)
    for round in 0..<4 {
      let kind = round.isMultiple(of: 2) ? "heddle listener" : "heddle bus%"
      try psql.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '\(kind)'"
          + " and datname = current_database()")
      for (place, (client, _)) in clients.enumerated() {
        try await client.edit(.type("// \(round) \(place)\n", into: sample.body, at: 0))
      }
      try await expectEqual(clients)
    }
    #expect(try await nodes.sum("heddle_bus_failures_total") > 0)
    for (client, _) in clients { try await client.stop() }
    try await nodes.stop()
  }
}
