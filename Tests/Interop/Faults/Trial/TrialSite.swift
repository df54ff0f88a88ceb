import Logging
import Storage
import TestSupport
import Testing
import Workflow

/// Three servers on one Postgres that keeps what it commits, and real clients of all four protocols, spread over documents and servers.
///
/// Between each client and the servers there is a link that leads to one of them, as a load balancer's would: from a dead one to another,
/// and to the one that comes back.
final class TrialSite: Sendable {
  let seed: UInt64
  let nodes: [TrialNode]
  let documents: [LoadedDocument]
  private let cluster: EmbeddedCluster
  private let isOver = Watched(false)
  /// By the name of a member, the number of the node to which its link leads.
  private let places: Watched<[String: Int]>
  private let kills = Watched([Kill]())

  /// A node was killed.
  struct Kill: Sendable {
    var node: Int
    var instant: ContinuousClock.Instant
    /// The members that it had.
    var members: Set<String>
    var residentMemory: Int
  }

  private static let count = 3
  /// How many milliseconds a member thinks before each edit.
  private static let thinking = 150...600

  static func start(seed: UInt64, documents count: Int) async throws -> TrialSite {
    var options = EmbeddedCluster.Options()
    options.settings = ["shared_buffers": "32MB", "max_connections": "100"]
    let cluster = EmbeddedCluster(
      directory: TestPostgres.makeClusterDirectory(), options: options,
      logger: Logger(label: "trial") { _ in SwiftLogNoOpLogHandler() })
    try cluster.start()
    let arguments = ["--database-url", cluster.conninfo, "--node-lease", "2s", "--poll-interval", "1s"]
    var nodes: [TrialNode] = []
    for number in 0..<Self.count { nodes.append(try await TrialNode(number: number, arguments: arguments)) }
    var (documents, places): ([LoadedDocument], [String: Int]) = ([], [:])
    for document in 0..<count {
      let sample = try await SampleWorkflow.imported(into: nodes[0].server)
      var members: [FaultMember] = []
      for kind in ScriptedClient.Kind.allCases {
        let (number, place) = (places.count, places.count % Self.count)
        let link = try FaultyLink(to: .port(nodes[place].server.port), seed: seed + UInt64(number))
        let member = try FaultMember(kind, number: number, link: link)
        places[member.name] = place
        members.append(member)
      }
      documents.append(LoadedDocument(sample, members: members))
      for member in members { try await member.join(documents[document].sample) }
    }
    return TrialSite(seed: seed, cluster: cluster, nodes: nodes, documents: documents, places: places)
  }

  private init(
    seed: UInt64, cluster: EmbeddedCluster, nodes: [TrialNode], documents: [LoadedDocument], places: [String: Int]
  ) {
    (self.seed, self.cluster, self.nodes, self.documents) = (seed, cluster, nodes, documents)
    self.places = Watched(places)
  }

  private var members: [FaultMember] { documents.flatMap(\.members) }

  private func someNode(_ random: inout SeededGenerator) -> TrialNode {
    let up = nodes.filter(\.isUp)
    return up[Int.random(in: 0..<up.count, using: &random)]
  }

  // MARK: Load

  /// Has everybody type, somebody save, somebody import and somebody write with SQL, while something happens.
  func underLoad(_ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for document in documents {
        for (number, member) in document.members.enumerated() {
          let seed = (seed &* 100) &+ UInt64(number)
          group.addTask { [self] in
            try await member.work(document.sample, seed: seed, pause: Self.thinking) { self.isOver.current }
          }
        }
      }
      group.addTask { [self] in
        try await again(every: 300...1500, 1) { document, node, _ in await document.save(on: node.server) }
      }
      group.addTask { [self] in
        try await again(every: 1500...4000, 2) { document, node, round in
          await document.importSomething(round, on: node.server)
        }
      }
      group.addTask { [self] in
        let connection = try PlainConnection(cluster.conninfo)
        try await again(every: 700...2500, 3) { document, _, round in try document.writeRows(round, with: connection) }
      }
      do {
        try await body()
      } catch {
        isOver.update { $0 = true }
        throw error
      }
      isOver.update { $0 = true }
      try await group.waitForAll()
    }
  }

  /// Does something to a document, over a node, again and again.
  private func again(
    every pause: ClosedRange<Int>, _ number: UInt64,
    _ body: (LoadedDocument, TrialNode, Int) async throws -> Void
  ) async throws {
    var random = SeededGenerator(seed: seed &* 1000 &+ number)
    var round = 0
    while !isOver.current {
      try await self.pause(Int.random(in: pause, using: &random))
      round += 1
      let document = documents[Int.random(in: 0..<documents.count, using: &random)]
      try await body(document, someNode(&random), round)
    }
  }

  /// Lets the load go on for a time.
  func pause(_ milliseconds: Int) async throws {
    try await Task.sleep(for: .milliseconds(milliseconds))
  }

  // MARK: Nodes

  /// Kills a node. Whoever tries to come back to it is led to one of the others.
  func kill(_ number: Int, _ random: inout SeededGenerator) async throws {
    let lost = members.filter { places.current[$0.name] == number }
    let kill = Kill(
      node: number, instant: .now, members: Set(lost.map(\.name)),
      residentMemory: nodes[Self.count - 1].server.residentMemory)
    kills.update { $0.append(kill) }
    try await nodes[number].kill()
    for member in lost { lead(member, to: someNode(&random)) }
  }

  /// Starts a node again, and leads some clients to it, at least one.
  func comeBack(_ number: Int, _ random: inout SeededGenerator) async throws {
    try await nodes[number].comeBack()
    for member in members where Int.random(in: 0..<Self.count, using: &random) == 0 {
      if places.current[member.name] != number { lead(member, to: nodes[number]) }
    }
    guard !members.contains(where: { places.current[$0.name] == number }) else { return }
    lead(members[Int.random(in: 0..<members.count, using: &random)], to: nodes[number])
  }

  private func lead(_ member: FaultMember, to node: TrialNode) {
    places.update { $0[member.name] = node.number }
    member.link.lead(to: .port(node.server.port))
  }

  // MARK: The end

  /// Waits until everybody has everything of everybody, and looks at it from all sides.
  func settle(after length: Duration) async throws -> TrialReport {
    var report = TrialReport()
    (report.length, report.documents, report.clients) = (length, documents.count, members.count)
    for member in members {
      await member.confirm(limit: .seconds(90))
      #expect(
        member.current.acknowledged == member.current.typed,
        "\(member.name) is not stored, seed \(seed): \(member.current.failures.suffix(2))")
    }
    try await UnmergedRows.awaitNone(in: cluster.conninfo)
    for node in nodes {
      try await until("each node knows of all") { try await node.server.metric("heddle_nodes") == Self.count }
    }
    for document in documents { try await settle(document, &report) }
    count(&report)
    for member in members { report.closes += try await member.closeCodes().count }
    report.conflicts = Int(try PlainConnection(cluster.conninfo).value("select count(*) from conflicts") ?? "") ?? 0
    report.peakMemory = nodes.map(\.peakMemory)
    for node in nodes {
      #expect(try await node.server.metric("heddle_audit_differences_total") == 0)
      #expect(try await node.server.metric("heddle_room_faults_total") == 0)
    }
    print("seed \(seed)\n\(report.table)")
    report.audit = try await Doctor.expectNoDifferences(cluster.conninfo, limit: .seconds(900))
    try await checkTheLogAlone(&report)
    return report
  }

  /// Everything of a document: at its clients, at all servers, in the rows once it is saved.
  private func settle(_ document: LoadedDocument, _ report: inout TrialReport) async throws {
    try document.checkRows(PlainConnection(cluster.conninfo), seed: seed, &report.tokens)
    let content = try await Replicas.awaitEqual(document, on: nodes.map(\.server))
    document.check(content, at: "all replicas", seed: seed, &report.tokens)
    let (status, answer) = try await nodes[1].server.request("POST", "/api/workflows/\(document.sample.id)/save")
    #expect(status == 200, "\(answer.text)")
    let saved = try await Replicas.awaitEqual(document, on: nodes.map(\.server))
    try Replicas.expectRows(equal: saved, document.sample, PlainConnection(cluster.conninfo), seed: seed)
  }

  private func count(_ report: inout TrialReport) {
    for document in documents {
      report.tokens.saves += document.done.saves
      report.tokens.imports += document.done.imports
      report.writes += document.done.writes
    }
    let ledgers = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.current) })
    report.tokens.edits = ledgers.values.reduce(0) { $0 + $1.typed }
    report.acknowledgements = ledgers.values.reduce(0) { $0 + $1.confirmations.count }
    for kill in kills.current {
      let answers = ledgers.compactMapValues { $0.confirmations.first { $0.asked >= kill.instant } }
      let (lost, others) = (
        answers.filter { kill.members.contains($0.key) }, answers.filter { !kill.members.contains($0.key) }
      )
      report.recoveries.append(lost.values.map { $0.answered - kill.instant }.max() ?? .zero)
      report.waits.append(lost.values.map { $0.answered - max($0.waitingSince, kill.instant) }.max() ?? .zero)
      report.others.append(others.values.map { $0.answered - kill.instant }.max() ?? .zero)
      report.otherWaits.append(others.values.map { $0.answered - max($0.waitingSince, kill.instant) }.max() ?? .zero)
      report.residentMemory.append(kill.residentMemory)
    }
  }

  /// What servers read that knew nothing before.
  private func checkTheLogAlone(_ report: inout TrialReport) async throws {
    for node in nodes { try await node.terminate() }
    for node in nodes {
      try await node.comeBack()
      for document in documents {
        let live = try await document.sample.live(on: node.server)["data"] ?? .null
        document.check(live, at: "node \(node.number), started anew", seed: seed, &report.tokens)
      }
    }
  }

  /// What the servers said last.
  var logs: String {
    nodes.map { "node \($0.number): \((try? $0.server.log())?.suffix(2000) ?? "")" }.joined(separator: "\n")
  }

  func stop() async throws {
    for member in members {
      try await member.client.stop()
      member.link.close()
    }
    for node in nodes { try await node.stop() }
    cluster.stop()
  }
}
