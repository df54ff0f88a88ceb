import Rooms
import TestSupport
import Workflow
import YCRDT

/// Rooms on two nodes, one store, several members and a writer of the rows who never heard of Heddle, in one process that
/// does one random thing after another and can be replayed from its seed.
///
/// Notifications are lost, repeated and late; answers of the store come late or never; nodes and the store go away at any
/// moment; members come and go and edit offline.
final class Simulation {
  private var random: SeededGenerator
  private let store: SimulatedStore
  private let nodes: [SimulatedNode]
  private let members: [SimulatedMember]
  private var homes: [MemberID: (node: Int, incarnation: Int)] = [:]
  private var now: Rooms.Milliseconds = 0
  private var databaseTokens: [String] = []
  /// What went wrong, in words.
  private(set) var violations: [String] = []
  /// How many saves came through, so that a test can tell that there were some.
  var saves: Int { nodes.reduce(0) { $0 + $1.saves } }

  init(seed: UInt64, fault: SimulatedStore.Fault = .none) {
    random = SeededGenerator(seed: seed)
    let store = SimulatedStore(rows: Plot.rows, fault: fault)
    self.store = store
    nodes = (0..<2).map { _ in SimulatedNode(store: store) }
    members = (1...3).map { SimulatedMember(id: MemberID($0), clientID: 1_000_000_000 + ClientID($0)) }
  }

  /// Runs `steps` random steps, then lets everything come to rest and checks what must hold.
  func run(steps: Int) throws {
    for _ in 0..<steps { try step() }
    try settle()
    try check()
  }

  // MARK: One step

  private func step() throws {
    now += Rooms.Milliseconds.random(in: 0..<300, using: &random)
    for node in nodes { node.now = now }
    let node = nodes[Int.random(in: 0..<2, using: &random)]
    let member = members[Int.random(in: 0..<members.count, using: &random)]
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<12: if member.canEdit { try member.edit(&random) }
    case 12..<17: if member.isConnected { member.askForAcknowledgement() }
    case 17..<21: connect(member)
    case 21..<23: disconnect(member)
    case 23..<27: writeRows()
    case 27: node.logGrew()
    case 28..<30: node.rowsChanged()
    case 30..<32: node.save()
    case 32: if Int.random(in: 0..<3, using: &random) == 0 { node.crash() }
    case 33: store.isAway = Int.random(in: 0..<3, using: &random) == 0
    case 34..<38: node.tick()
    case 38..<52: node.performWrite(answerIsLost: Int.random(in: 0..<20, using: &random) == 0)
    case 52..<64: node.performRead()
    case 64..<80: node.deliverAnswer()
    case 80..<90: transmit(member)
    default: try member.receive()
    }
  }

  private func connect(_ member: SimulatedMember) {
    guard !member.isConnected else { return }
    let node = Int.random(in: 0..<2, using: &random)
    homes[member.id] = (node, nodes[node].incarnation)
    member.connect(to: nodes[node])
  }

  private func disconnect(_ member: SimulatedMember) {
    guard let home = home(of: member) else { return }
    home.disconnect(member.id)
    member.lostConnection()
  }

  private func home(of member: SimulatedMember) -> SimulatedNode? {
    guard member.isConnected, let home = homes[member.id], nodes[home.node].incarnation == home.incarnation else {
      return nil
    }
    return nodes[home.node]
  }

  private func transmit(_ member: SimulatedMember) {
    home(of: member)?.receive(from: member.id)
  }

  /// An import or a person with psql.
  private func writeRows() {
    let number = Int.random(in: 0..<6, using: &random)
    store.writeRows { content in
      guard let index = content.jobs.firstIndex(where: { $0.id == Plot.textJob }) else { return }
      switch number {
      case 0..<3:
        let token = "<d\(databaseTokens.count)>"
        var units = Array(content.jobs[index].body.utf16)
        units.insert(contentsOf: token.utf16, at: Plot.boundary(in: content.jobs[index].body, &random))
        content.jobs[index].body = String(decoding: units, as: UTF16.self)
        databaseTokens.append(token)
      case 3: content.name = "imported \(Int.random(in: 0..<1000, using: &random))"
      case 4: content.jobs.append(Job(id: Plot.identifier(&random), name: Plot.jobName(&random), body: "fn()"))
      default:
        guard let victim = content.jobs.indices.filter({ $0 != index }).randomElement(using: &random) else { return }
        let id = content.jobs[victim].id
        content.jobs.remove(at: victim)
        content.edges.removeAll { $0.sourceJobID == id || $0.targetJobID == id }
      }
    }
    // The notification: lost, once or twice, to either node.
    for _ in 0..<Int.random(in: 0..<3, using: &random) { nodes[Int.random(in: 0..<2, using: &random)].rowsChanged() }
  }

  // MARK: Coming to rest

  private func settle() throws {
    store.isAway = false
    for round in 0..<60 {
      for member in members where !member.isConnected || home(of: member) == nil {
        member.lostConnection()
        connect(member)
      }
      // The slow poll.
      if round.isMultiple(of: 5) {
        for node in nodes {
          node.rowsChanged()
          node.logGrew()
        }
      }
      now += 20_000
      for node in nodes {
        node.now = now
        node.tick()
      }
      try drainQueues()
      if round > 30 { for member in members { member.askForAcknowledgement() } }
    }
  }

  private func drainQueues() throws {
    for _ in 0..<10_000 {
      var isIdle = true
      for node in nodes {
        if node.hasWrites { node.performWrite(answerIsLost: false) }
        if node.hasReads { node.performRead() }
        if node.hasAnswers { node.deliverAnswer() }
        if node.hasWrites || node.hasReads || node.hasAnswers { isIdle = false }
      }
      for member in members {
        while let link = home(of: member)?.links[member.id], !link.toServer.isEmpty {
          transmit(member)
          isIdle = false
        }
        while member.hasMail {
          try member.receive()
          isIdle = false
        }
      }
      if isIdle { return }
    }
    violations.append("the system does not come to rest")
  }

  // MARK: What must hold

  private func check() throws {
    let rebuilt = try store.rebuilt()
    let content = try WorkflowDocument.extract(rebuilt)
    for member in members {
      if try WorkflowDocument.extract(member.doc) != content {
        fail("member \(member.id) sees something else than the store")
      }
      if member.doc.stateVector != rebuilt.stateVector { fail("member \(member.id) has another state vector") }
      if rebuilt.stateVector[member.doc.clientID] < member.acknowledgedClock {
        fail("an acknowledged edit of member \(member.id) is lost")
      }
    }
    for node in nodes { violations += node.failures }
    checkBase()
    checkTokens(content)
    checkReferences(content, rebuilt)
  }

  private func fail(_ text: String) { violations.append(text) }

  private func checkBase() {
    guard let base = store.document?.base else { return fail("there is no document") }
    if base.revision != store.rows.revision { fail("the document was not reconciled with the last write") }
    if base.content.sorted != store.rows.content.sorted { fail("the base is not what the rows hold") }
  }

  /// Every token that was written is there once: nothing was lost, nothing doubled, whoever wrote it.
  private func checkTokens(_ content: WorkflowContent) {
    guard let body = content.jobs.first(where: { $0.id == Plot.textJob })?.body else { return fail("the job is gone") }
    let found = Plot.tokens(in: body)
    let written = members.flatMap { $0.tokens.map(\.text) } + databaseTokens
    for token in written {
      let count = found.count { $0 == token }
      if count != 1 { fail("\(token) is in the text \(count) times") }
    }
  }

  private func checkReferences(_ content: WorkflowContent, _ doc: Doc) {
    for root in ["jobs", "edges", "triggers"] {
      let ids = doc.array(root).elements.compactMap { $0.map?["id"]?.value?.string }
      if Set(ids).count != ids.count { fail("\(root) has an entity twice") }
    }
    let jobs = Set(store.rows.content.jobs.map(\.id))
    for edge in store.rows.content.edges {
      if let target = edge.targetJobID, !jobs.contains(target) { fail("an edge of the rows leads nowhere") }
    }
  }
}

extension WorkflowContent {
  /// The order of entities carries no meaning.
  fileprivate var sorted: WorkflowContent {
    var content = self
    content.jobs.sort { $0.id < $1.id }
    content.edges.sort { $0.id < $1.id }
    content.triggers.sort { $0.id < $1.id }
    return content
  }
}
