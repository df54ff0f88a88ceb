import Rooms
import Workflow
import YCRDT
import YProtocol

/// Rooms, a store and members as one machine that can be in one of finitely many worlds.
final class Model {
  /// How much happens. Everything is tried in every order.
  struct Size: Sendable {
    var nodes = 1
    var members = 1
    /// Each member's.
    var edits = 1
    var imports = 1
    var saves = 1
    var crashes = 0
    /// Answers of the store that get lost.
    var silences = 0
    /// Notifications that get lost, and that come twice.
    var losses = 0
    var repetitions = 0
    var checkpointUpdates = 1_000
  }

  let size: Size
  let fault: ModelFault?
  let rooms: Machine<ModelRoom, RoomKey>
  let replicas: Machine<Replica, ReplicaKey>
  let stores: Machine<ModelStore, ModelStore>
  var signals = Numbering<Signal>()
  private let newRoom: Int
  private var views: [Int: StoreView] = [:]
  private var facts: [Int: RoomFacts] = [:]
  private var vectors: [Int: StateVector] = [:]
  /// What went wrong in the steps since this was last emptied.
  var violations: [String] = []

  init(_ size: Size, fault: ModelFault? = nil) {
    self.size = size
    self.fault = fault
    rooms = RoomMachine.make()
    replicas = MemberMachine.make()
    stores = Machine(key: { $0 }, run: { $0.handle($1) })
    let configuration = RoomMachine.configuration(checkpointUpdates: size.checkpointUpdates)
    let room = Room(name: DocumentName(workflowID: Plot.workflowID), configuration: configuration)
    newRoom = rooms.number(of: ModelRoom(room))
  }

  /// The world at the beginning.
  func begin() -> World {
    let members = (0..<size.members).map { number in
      World.Member(replica: replicas.number(of: Replica(member: number)))
    }
    return World(
      store: stores.number(of: ModelStore(fault: fault)),
      nodes: Array(repeating: World.Node(room: newRoom), count: size.nodes), members: members,
      luck: World.Luck(
        crashes: size.crashes, silences: size.silences, losses: size.losses, repetitions: size.repetitions))
  }

  func number(_ signal: Signal) -> Int { signals.number(of: signal).number }

  // MARK: Parts

  /// The member's node: each stays with one.
  func home(of member: Int) -> Int { member % size.nodes }

  func tell(room node: Int, _ signal: Int, _ world: inout World) {
    let step = rooms.step(world.nodes[node].room, signal, &signals)
    world.nodes[node].room = step.state
    for effect in step.signals { perform(effect, of: node, &world) }
  }

  private func perform(_ number: Int, of node: Int, _ world: inout World) {
    guard case .effect(let effect) = signals.values[number] else { return report(signals.values[number]) }
    switch effect {
    case .send(let id, let message): deliver(message, to: [Int(id) - 1], of: node, &world)
    case .broadcast(let message, let sender):
      deliver(message, to: world.members.indices.filter { MemberID($0 + 1) != sender }, of: node, &world)
    case .close(let id, let reason):
      if case .rejected(let why) = reason { violations.append("a member was rejected: \(why)") }
      disconnect(Int(id) - 1, &world)
    case .reply(_, let reply): check(reply, world)
    case .load, .readRows, .readLog: world.nodes[node].reads.append(number)
    case .append, .checkpoint, .commit: queue(effect, number, of: node, &world)
    case .closeConflicts, .wantsToShow, .show, .askWhoIsThere: break
    case .setAside, .keepBranch: violations.append("a member was taken for one of another history")
    case .unload: renewRoom(of: node, &world)
    case .askAgain(let id, _): tell(room: node, self.number(.save(id)), &world)
    }
  }

  private func queue(_ effect: Room.Effect, _ number: Int, of node: Int, _ world: inout World) {
    switch (effect, fault) {
    case (.commit(let commit), .baseBeforeUpdate), (.commit(let commit), .updateBeforeBase):
      world.nodes[node].writes += [self.number(.half(commit, .first)), self.number(.half(commit, .second))]
      return
    case (.append(_, let index, _), .acknowledgesTooEarly):
      world.nodes[node].answersToWrites.append(self.number(.appended(index: index, sequence: 0)))
    case (.commit(let commit), .broadcastsBeforeCommit) where !commit.update.isEmpty:
      deliver(.update(commit.update), to: Array(world.members.indices), of: node, &world)
    default: break
    }
    world.nodes[node].writes.append(number)
  }

  private func deliver(_ message: Message, to members: [Int], of node: Int, _ world: inout World) {
    for member in members where world.members[member].isConnected && home(of: member) == node {
      tell(member: member, number(.received(message)), &world)
    }
  }

  func tell(member: Int, _ signal: Int, _ world: inout World) {
    let step = replicas.step(world.members[member].replica, signal, &signals)
    world.members[member].replica = step.state
    for number in step.signals {
      switch signals.values[number] {
      case .sent: if world.members[member].isConnected { world.members[member].sent.append(number) }
      case .acknowledged(let id, let clock):
        if view(of: world.store).vector[ModelScript.member + id] < clock {
          violations.append("member \(id) was told that its edits are safe, and the log lacks them")
        }
      default: report(signals.values[number])
      }
    }
  }

  func disconnect(_ member: Int, _ world: inout World) {
    world.members[member].isConnected = false
    world.members[member].sent = []
  }

  func renewRoom(of node: Int, _ world: inout World) {
    world.nodes[node].room = newRoom
    for member in world.members.indices where home(of: member) == node { disconnect(member, &world) }
  }

  /// Has the store do something; returns its answer.
  func tellStore(_ signal: Int, _ world: inout World) -> Int? {
    let step = stores.step(world.store, signal, &signals)
    world.store = step.state
    var answer: Int?
    for number in step.signals {
      switch signals.values[number] {
      case .rowsWritten: for node in world.nodes.indices { world.nodes[node].isRowsHintUnderWay = true }
      case .logWritten:
        // A node alone hears nothing new.
        for node in world.nodes.indices where size.nodes > 1 { world.nodes[node].isLogHintUnderWay = true }
      case .violation: report(signals.values[number])
      default: answer = number
      }
    }
    return answer
  }

  func report(_ signal: Signal) {
    if case .violation(let text) = signal { violations.append(text) } else { violations.append("lost: \(signal)") }
  }

  // MARK: Views

  func view(of store: Int) -> StoreView {
    if let known = views[store] { return known }
    let view = StoreView(stores.states[store].contents)
    views[store] = view
    return view
  }

  func facts(of room: Int) -> RoomFacts {
    if let known = facts[room] { return known }
    let found = RoomFacts(rooms.states[room])
    facts[room] = found
    return found
  }

  func vector(of replica: Int) -> StateVector {
    if let known = vectors[replica] { return known }
    let vector = replicas.states[replica].doc.stateVector
    vectors[replica] = vector
    return vector
  }
}
