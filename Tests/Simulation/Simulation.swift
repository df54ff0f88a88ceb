import Rooms
import TestSupport
import Workflow
import YCRDT

/// Rooms on two nodes, one store, several members and a writer of the rows who never heard of Heddle, in one process that
/// does one random thing after another and can be replayed from its seed.
///
/// Notifications are lost, repeated and late; answers of the store come late or never; nodes and the store go away at any
/// moment; members come and go, edit offline, read slowly, and some never come back.
final class Simulation {
  struct Options {
    var steps = 1_500
    var nodes = 2
    var fault: PlantedFault?
    /// Whether people take the document back to the rows now and then.
    var hasResets = false
    /// What the recorders of the rooms may keep; without it there are none.
    var records: RecorderLimits?
    /// Told of every step.
    var trace: ((String) -> Void)?
  }

  enum Step: CaseIterable {
    case edit, askForAcknowledgement, connect, disconnect, die, transmit, receive
    case writeRows, hintRows, hintLog, deleteOrRestore
    case save, reset, crash, storeGoesOrComes, tick
    case write, read, answer

    /// How often it is done, in relation to the others.
    fileprivate var weight: Int {
      switch self {
      case .edit: 24
      case .askForAcknowledgement: 10
      case .connect: 8
      case .disconnect: 2
      case .die, .deleteOrRestore, .reset, .crash: 1
      case .writeRows: 8
      case .hintRows, .save: 4
      case .hintLog, .storeGoesOrComes: 2
      case .tick: 8
      case .write: 28
      case .read: 24
      case .answer: 32
      case .transmit, .receive: 30
      }
    }
  }

  var random: SeededGenerator
  let options: Options
  let store: SimulatedStore
  let nodes: [SimulatedNode]
  private(set) var members: [SimulatedMember] = []
  private var lastMember: MemberID = 0
  private var homes: [MemberID: (node: Int, incarnation: Int)] = [:]
  private var now: Rooms.Milliseconds = 0
  private let schedule: [Step]
  var ledger = Ledger()
  /// What went wrong, in words.
  private(set) var violations: [String] = []

  init(seed: UInt64, options: Options = Options()) {
    random = SeededGenerator(seed: seed)
    self.options = options
    let store = SimulatedStore(rows: Plot.rows, fault: options.fault)
    self.store = store
    nodes = (0..<options.nodes).map { _ in
      SimulatedNode(store: store, fault: options.fault, records: options.records)
    }
    schedule = Step.allCases.flatMap { step in
      Array(repeating: step, count: step == .reset && !options.hasResets ? 0 : step.weight)
    }
    members = (0..<3).map { _ in newMember() }
    store.onSave = { [unowned self] in checkSave(before: $0, after: $1) }
  }

  /// What the rooms did, so that a test can tell that they did something.
  var statistics: RoomStatistics { nodes.reduce(into: RoomStatistics()) { $0 += $1.statistics } }

  func fail(_ text: String) { violations.append(text) }

  /// Does random steps, then lets everything come to rest and checks what must hold.
  func run() throws {
    for number in 0..<options.steps {
      let step = schedule[Int.random(in: 0..<schedule.count, using: &random)]
      options.trace?("\(number) at \(now): \(step)")
      try perform(step)
    }
    store.isAway = false
    store.contents.setDeleted(false)
    try settle()
    try check()
    try save()
    try check()
    try checkSaved()
  }

  /// Saves, with nobody editing but one member who names what a dead member's half edit has left without a name.
  private func save() throws {
    let refusals = nodes[0].refusals
    nodes[0].request(.save(.system))
    try settle()
    guard nodes[0].refusals > refusals else { return }
    if !ledger.mayHoldHalfEdits { fail("a save was refused") }
    try members[0].nameTheNameless(&random)
    try settle()
    nodes[0].request(.save(.system))
    try settle()
    if nodes[0].refusals > refusals + 1 { fail("a save is refused although people mended what was wrong") }
  }

  // MARK: One step

  private func perform(_ step: Step) throws {
    now += Rooms.Milliseconds.random(in: 0..<300, using: &random)
    for node in nodes { node.now = now }
    let node = nodes[Int.random(in: 0..<nodes.count, using: &random)]
    let member = members[Int.random(in: 0..<members.count, using: &random)]
    switch step {
    case .edit: if member.canEdit { try member.edit(&random, &ledger) }
    case .askForAcknowledgement: member.askForAcknowledgement()
    case .connect: connect(member)
    case .disconnect: disconnect(member)
    case .die: die(member)
    case .transmit: for _ in 0..<Int.random(in: 1..<6, using: &random) { transmit(member) }
    case .receive: for _ in 0..<Int.random(in: 1..<6, using: &random) { try receive(member) }
    case .writeRows: writeRows()
    case .hintRows: node.rowsChanged()
    case .hintLog: node.logGrew()
    case .deleteOrRestore: store.contents.setDeleted(Int.random(in: 0..<3, using: &random) == 0)
    case .save: node.request(.save(.system))
    case .reset: node.request(.reset(.system))
    case .crash: node.crash()
    case .storeGoesOrComes: store.isAway = Int.random(in: 0..<3, using: &random) == 0
    case .tick: node.tick()
    case .write: node.performWrite(answerIsLost: Int.random(in: 0..<20, using: &random) == 0)
    case .read: node.performRead()
    case .answer: node.deliverAnswer()
    }
  }

  private func newMember() -> SimulatedMember {
    lastMember += 1
    return SimulatedMember(id: lastMember, clientID: 1_000_000_000 + ClientID(lastMember))
  }

  private func connect(_ member: SimulatedMember) {
    guard !member.isConnected else { return }
    let node = Int.random(in: 0..<nodes.count, using: &random)
    homes[member.id] = (node, nodes[node].incarnation)
    member.connect(to: nodes[node])
  }

  private func disconnect(_ member: SimulatedMember) {
    home(of: member)?.disconnect(member.id)
    member.lostConnection()
  }

  /// Never comes back, and takes along what it has not sent. Somebody else takes the seat.
  private func die(_ member: SimulatedMember) {
    disconnect(member)
    ledger.isGone(member.doc.clientID, acknowledged: member.acknowledgedClock, of: member.clock)
    members.removeAll { $0 === member }
    members.append(newMember())
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

  private func receive(_ member: SimulatedMember) throws {
    try member.receive()
    home(of: member)?.drained(member.id)
  }

  // MARK: Coming to rest

  private func settle() throws {
    for round in 0..<40 {
      for member in members where home(of: member) == nil {
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
          try receive(member)
          isIdle = false
        }
      }
      if isIdle { return }
    }
    fail("the system does not come to rest")
  }
}
