import Workflow
import YCRDT

@testable import Rooms

/// What a room knows, as far as checks ask.
struct RoomFacts {
  let baseRevision: Int64?
  let serverClock: UInt64
  let vector: StateVector
  let state: [UInt8]
  let isServing: Bool
  /// Whether it will begin anew by itself after a while.
  let isRetrying: Bool

  init(_ model: ModelRoom) {
    let room = model.room
    baseRevision = room.base?.revision
    serverClock = room.serverClock
    vector = room.doc.stateVector
    state = model.document
    isServing = room.isServing
    isRetrying = room.retryAt != nil
  }
}

/// What must hold.
extension Model {
  /// In every world.
  func check(_ world: World) {
    let store = view(of: world.store)
    for node in world.nodes {
      let room = facts(of: node.room)
      if room.baseRevision ?? 0 > store.baseRevision { violations.append("a room's base is ahead of the store's") }
      if room.serverClock > store.serverClock || room.vector[store.serverClientID] > store.vector[store.serverClientID]
      {
        violations.append("a room has of the server what was not committed")
      }
    }
    for member in world.members
    where vector(of: member.replica)[store.serverClientID] > store.vector[store.serverClientID] {
      violations.append("a member has of the server what was not committed")
    }
    checkRest(world, store)
  }

  /// Where nothing is under way and no notification was lost, everybody is up to date without a poll.
  private func checkRest(_ world: World, _ store: StoreView) {
    guard !world.luck.hasLostNotification, world.nodes.allSatisfy(\.isQuiet), world.members.allSatisfy(\.sent.isEmpty)
    else { return }
    for node in world.nodes {
      let room = facts(of: node.room)
      guard let base = room.baseRevision, room.isServing, !room.isRetrying else { continue }
      if base != store.rowsRevision { violations.append("a room at rest has not merged the rows") }
      if room.state != store.state { violations.append("a room at rest has not what the log holds") }
    }
  }

  func check(_ reply: Room.Reply, _ world: World) {
    switch reply {
    case .saved(let rows):
      let held = stores.states[world.store].history[rows.revision]
      if held?.content.isSame(as: rows.content) != true {
        violations.append("a save was confirmed that the rows never held")
      }
    case .unavailable, .contended: break
    default: violations.append("a save was answered with \(reply)")
    }
  }

  // MARK: The end

  /// Polls until nothing more happens, then checks that all agree and nothing was lost; and the same after a save.
  func checkEnd(of world: World) {
    var world = settled(world)
    checkAgreement(world)
    guard violations.isEmpty, fault != .noPoll else { return }
    tell(room: 0, number(.save(1_000)), &world)
    world = settled(world)
    checkAgreement(world)
    let contents = stores.states[world.store].contents
    let content = (try? contents.rebuilt()).flatMap { try? WorkflowDocument.extract($0) }
    if content?.isSame(as: contents.rows.content) != true {
      violations.append("a save left document and rows different")
    }
  }

  private func checkAgreement(_ world: World) {
    let store = view(of: world.store)
    if store.baseRevision != store.rowsRevision { violations.append("the last write to the rows was not merged") }
    for node in world.nodes where facts(of: node.room).state != store.state {
      violations.append("a node sees something else than the store")
    }
    for member in world.members where replicas.states[member.replica].doc.encodeStateAsUpdate() != store.state {
      violations.append("a member sees something else than the store")
    }
    let doc = try? stores.states[world.store].contents.rebuilt()
    guard let content = doc.flatMap({ try? WorkflowDocument.extract($0) }) else { return }
    var written = (0..<world.imports).map { "<d\($0)>" }
    for (number, member) in world.members.enumerated() {
      written += (0..<member.edits).map { "<m\(number + 1).\($0)>" }
    }
    let found = ModelScript.tokens(in: content)
    if found != written.sorted() { violations.append("of \(written.sorted()) the document has \(found)") }
  }

  private func settled(_ start: World) -> World {
    var world = start
    for _ in 0..<20 {
      let before = world
      for member in world.members.indices where !world.members[member].isConnected {
        world = take(.connect(member), in: world)
      }
      for node in world.nodes.indices {
        if fault != .noPoll {
          tell(room: node, number(.rowsChanged), &world)
          hintLog(node, &world)
        }
        tell(room: node, number(.tick), &world)
      }
      drain(&world)
      if world == before { return world }
    }
    violations.append("the system does not come to rest")
    return world
  }

  private func drain(_ world: inout World) {
    while let step = steps(of: world).first(where: \.isRoutine) { world = take(step, in: world) }
  }
}

extension Step {
  /// Whether it goes on by itself with what is under way.
  fileprivate var isRoutine: Bool {
    switch self {
    case .transmit, .hintRows, .hintLog, .write, .read, .deliverWritten, .deliverRead: true
    default: false
    }
  }
}
