import Glibc
import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// Several servers on one database.
@Suite struct NodeTests {
  /// A server with the document open, and what it hears of others.
  struct Node {
    let store: Store
    let heard = Answers<NodeNews>()
    let stale = Answers<String>()

    init(_ address: String, bus: BusAddress? = nil, _ change: (inout StoreConfiguration) -> Void = { _ in }) throws {
      var configuration = StoreConfiguration(conninfo: address)
      configuration.pollInterval = .seconds(3600)
      configuration.node = NodeConfiguration()
      configuration.node?.lease = .seconds(2)
      configuration.node?.bus = bus
      change(&configuration)
      store = Store(configuration: configuration, logger: TestStore.logger)
      store.onNodeNews(heard.add)
      store.onRowsChanged(stale.add)
      store.start()
      try until("the server can work") { [store] in
        store.status.isReachable && store.nodesStatus?.bus.isConnected == true
      }
    }

    var growth: [DocumentGrowth] {
      heard.all.flatMap { news -> [DocumentGrowth] in if case .grew(let documents) = news { documents } else { [] } }
    }
    var shown: [[UInt8]] { heard.all.compactMap { if case .shown(let update, _, _) = $0 { update } else { nil } } }
    var gone: [NodeNumber] { heard.all.compactMap { if case .gone(let node) = $0 { node } else { nil } } }

    func hears(of sequence: Int64) -> Bool { growth.contains { $0.sequence == sequence } }
    func sees(_ count: Int) -> Bool { store.nodesStatus?.nodes == count }
  }

  static func edit(_ store: Store, _ text: String) throws -> Int64 {
    let doc = try store.open().doc()
    return try store.append(doc.edit { try $0.map("errors").set("x", .string(text)) })
  }

  private func nodes(_ count: Int, _ address: String) throws -> [Node] {
    let nodes = try (0..<count).map { _ in try Node(address) }
    for node in nodes { try until("all see each other") { node.sees(count) } }
    return nodes
  }

  /// Records of rooms are JSON, which has no larger numbers exactly.
  @Test func theNumberOfANodeCanBeInARecord() {
    for id in ["ffffffff-ffff-4fff-bfff-ffffffffffff", "00000000-0000-4000-8000-000000000000"] {
      let number = Nodes.number(of: id)
      #expect(NodeNumber(Double(number)) == number && number < 1 << 53)
      #expect(number >= 1 << 52, "members have smaller ones")
    }
  }

  @Test func aCommitIsHeardOfByThoseWhoHaveTheDocumentOpen() throws {
    let nodes = try nodes(3, TestStore.sampleDatabase())
    for node in nodes[0...1] { node.store.follow(SampleProject.workflow, true) }
    let sequence = try Self.edit(nodes[0].store, "a")
    try until("the other one hears of it") { nodes[1].hears(of: sequence) }
    try until("the third one was told") { (nodes[2].store.nodesStatus?.bus.received ?? 0) > 0 }
    #expect(nodes[2].growth.isEmpty)
    for node in nodes { node.store.stop() }
  }

  @Test func aServerThatIsAloneSaysNothing() throws {
    let node = try Node(TestStore.sampleDatabase())
    try until("it says that it is there") { node.store.nodesStatus?.bus.published == 1 }
    node.store.follow(SampleProject.workflow, true)
    for text in ["a", "b", "c"] { _ = try Self.edit(node.store, text) }
    node.store.show([1], in: SampleProject.workflow)
    node.store.askWhoIsThere(in: SampleProject.workflow)
    node.store.stop()
    // The other word is goodbye. What it says itself a server does not hear.
    #expect(node.store.nodesStatus?.bus.published == 2 && node.store.nodesStatus?.bus.received == 0)
  }

  @Test func whatNobodySaidIsFoundByLooking() throws {
    let address = try TestStore.sampleDatabase()
    let node = try Node(address) { $0.pollInterval = .milliseconds(50) }
    node.store.follow(SampleProject.workflow, true)
    // An older server, which says nothing.
    let silent = TestStore.start(address)
    let sequence = try Self.edit(silent, "a")
    try until("it is found") { node.hears(of: sequence) }
    node.store.stop()
  }

  @Test func aCutConnectionOfTheBusComesBackAndMissesNothing() throws {
    let address = try TestStore.sampleDatabase()
    let nodes = try nodes(2, address)
    let psql = try PlainConnection(address)
    nodes[1].store.follow(SampleProject.workflow, true)
    for round in 1...5 {
      try psql.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'heddle bus%'"
          + " and datname = current_database()")
      let sequence = try Self.edit(nodes[0].store, "round \(round)")
      try until("it is heard of") { nodes[1].hears(of: sequence) }
    }
    let failures = nodes.reduce(0) { $0 + ($1.store.nodesStatus?.bus.failures ?? 0) }
    #expect(failures > 0)
    for node in nodes { node.store.stop() }
  }

  @Test func whatMembersShowIsPassedOn() throws {
    let nodes = try nodes(3, TestStore.sampleDatabase())
    for node in nodes[0...1] { node.store.follow(SampleProject.workflow, true) }
    nodes[0].store.askWhoIsThere(in: SampleProject.workflow)
    try until("it is asked") { nodes[1].heard.all.contains { if case .whoIsThere = $0 { true } else { false } } }
    nodes[1].store.show([1, 2, 3], in: SampleProject.workflow)
    try until("it is shown") { nodes[0].shown == [[1, 2, 3]] }
    #expect(nodes[1].shown.isEmpty && nodes[2].shown.isEmpty)
    for node in nodes { node.store.stop() }
  }

  // MARK: Who is there

  @Test func whoEndsIsGoneAtOnceAndWhoDiesAfterItsLease() throws {
    let address = try TestStore.sampleDatabase()
    let nodes = try nodes(2, address)
    let psql = try PlainConnection(address)
    nodes[1].store.stop()
    try until("one is left") { nodes[0].sees(1) }
    #expect(nodes[0].gone == [Nodes.number(of: nodes[1].store.nodeID)])
    #expect(try psql.value("select count(*) from nodes") == "1")
    // A server that dies leaves what it had.
    let dead = Store.newNodeID()
    try psql.run(
      """
      insert into nodes (id, version, address, lease_until)
      values ('\(dead)', '', '', clock_timestamp() + interval '2 s');
      insert into document_presence (workflow_id, node_id, members, names)
      values ('\(SampleProject.workflow)', '\(dead)', 1, '[]');
      insert into document_claims
      values ('\(SampleProject.workflow)', 'reconcile', '\(dead)', clock_timestamp() + interval '1 h');
      """)
    try until("it is seen") { nodes[0].sees(2) }
    try until("it is missed") { nodes[0].gone.contains(Nodes.number(of: dead)) }
    let left = "select (select count(*) from document_presence) + (select count(*) from document_claims)"
    #expect(try psql.value(left) == "0")
    #expect(nodes[0].sees(1))
    nodes[0].store.stop()
    #expect(try psql.value("select count(*) from nodes") == "0")
  }

  @Test func serversAreListed() throws {
    let nodes = try nodes(2, TestStore.sampleDatabase())
    nodes[1].store.setNodeAddress("there:1")
    let presences = [SampleProject.workflow: DocumentPresence(members: 3, names: [])]
    try nodes[0].store.wait { nodes[0].store.writePresences(presences, gone: [], node: nodes[0].store.nodeID, $0) }
    try until("the address is known") {
      (try? nodes[0].store.wait { nodes[0].store.readNodes($0) })?.last?.address == "there:1"
    }
    let records = try nodes[0].store.wait { nodes[0].store.readNodes($0) }
    #expect(records.map(\.id) == nodes.map(\.store.nodeID))
    #expect(records.map(\.members) == [3, 0] && records.map(\.documents) == [1, 0])
    #expect(records.allSatisfy { $0.age >= 0 && $0.age < 5 })
    for node in nodes { node.store.stop() }
  }

  // MARK: Who does what

  private func status(_ nodes: [Node]) -> (taken: Int, left: Int) {
    nodes.reduce(into: (0, 0)) { sum, node in
      sum.0 += node.store.nodesStatus?.claims.taken ?? 0
      sum.1 += node.store.nodesStatus?.claims.left ?? 0
    }
  }

  @Test func aColdDocumentWhoseRowsChangeIsMergedByOne() throws {
    let address = try TestStore.sampleDatabase()
    let nodes = try nodes(5, address)
    _ = try nodes[0].store.open()
    try PlainConnection(address).run("update workflows set name = 'Other' where id = '\(SampleProject.workflow)'")
    try until("all have looked") { status(nodes).taken + status(nodes).left >= 5 }
    #expect(status(nodes) == (1, 4))
    #expect(nodes.map(\.stale.all.count).sorted() == [0, 0, 0, 0, 1])
    for node in nodes { node.store.stop() }
  }

  @Test func whoHasADocumentOpenMergesItAndNobodyElse() throws {
    let address = try TestStore.sampleDatabase()
    let nodes = try nodes(4, address)
    _ = try nodes[0].store.open()
    let holder = nodes[2].store
    holder.follow(SampleProject.workflow, true)
    let presences = [SampleProject.workflow: DocumentPresence(members: 1, names: [])]
    try holder.wait { holder.writePresences(presences, gone: [], node: holder.nodeID, $0) }
    try PlainConnection(address).run("update workflows set name = 'Other' where id = '\(SampleProject.workflow)'")
    try until("all have looked") { status(nodes).taken + status(nodes).left >= 4 }
    #expect(nodes.map(\.stale.all.count) == [0, 0, 1, 0])
    for node in nodes { node.store.stop() }
  }

  @Test func whatOneDoesNotDoAnotherDoesAfterTheLease() throws {
    let address = try TestStore.sampleDatabase()
    let nodes = try (0..<2).map { _ in try Node(address) { $0.pollInterval = .milliseconds(100) } }
    for node in nodes { try until("both are there") { node.sees(2) } }
    _ = try nodes[0].store.open()
    let psql = try PlainConnection(address)
    let dead = Store.newNodeID()
    try psql.run(
      """
      insert into document_claims
      values ('\(SampleProject.workflow)', 'reconcile', '\(dead)', clock_timestamp() + interval '1 s');
      insert into document_claims
      values ('00000000-0000-0000-0000-000000000000', 'poll', '\(dead)', clock_timestamp() + interval '1 s')
      on conflict (workflow_id, task) do update set node_id = excluded.node_id, lease_until = excluded.lease_until;
      update workflows set name = 'Other' where id = '\(SampleProject.workflow)'
      """)
    try until("one of them does it") { !nodes.allSatisfy { $0.stale.all.isEmpty } }
    let isTaken = "select bool_and(node_id <> '\(dead)') from document_claims where task = 'reconcile'"
    #expect(try psql.value(isTaken) == "t")
    for node in nodes { node.store.stop() }
  }

  @Test func oneOfManyTakesTheCheckpoints() throws {
    let address = try TestStore.sampleDatabase()
    let nodes = try nodes(3, address)
    let doc = try nodes[0].store.open().doc()
    var sequence: Int64 = 0
    for text in ["a", "b", "c", "d"] {
      sequence = try nodes[0].store.append(doc.edit { try $0.map("errors").set("x", .string(text)) })
    }
    for (place, node) in nodes.enumerated() {
      node.store.checkpoint(
        sampleName, state: doc.encodeStateAsUpdate(), through: sequence - 2 + Int64(place))
    }
    // Each does what it was asked for before it ends, which gives back its claims.
    try until("the others have left it") {
      nodes.reduce(0) { $0 + ($1.store.nodesStatus?.claims.checkpointsLeft ?? 0) } == 2
    }
    for node in nodes { node.store.stop() }
    #expect(try PlainConnection(address).value("select count(*) from document_checkpoints") == "1")
  }
}
