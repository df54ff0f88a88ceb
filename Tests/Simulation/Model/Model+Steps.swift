import Rooms
import Workflow

/// What can happen next, and what comes of it.
extension Model {
  /// Every step that can be taken in a world. Those that change nothing come out as the same world.
  func steps(of world: World) -> [Step] {
    var steps: [Step] = []
    for (number, member) in world.members.enumerated() {
      if !member.isConnected { steps.append(.connect(number)) }
      if !member.sent.isEmpty { steps.append(.transmit(number)) }
      if member.edits < size.edits, replicas.states[member.replica].canEdit {
        steps.append(.edit(number))
      }
    }
    if world.imports < size.imports { steps.append(.writeRows) }
    for (number, node) in world.nodes.enumerated() {
      if world.saves < size.saves { steps.append(.save(number)) }
      steps += self.steps(of: node, number, world.luck)
    }
    return steps
  }

  private func steps(of node: World.Node, _ number: Int, _ luck: World.Luck) -> [Step] {
    var steps: [Step] = [.tick(number)]
    if node.isRowsHintUnderWay {
      steps.append(.hintRows(number))
      if luck.repetitions > 0 { steps.append(.repeatRowsHint(number)) }
      if luck.losses > 0 { steps.append(.loseRowsHint(number)) }
    }
    if node.isLogHintUnderWay {
      steps.append(.hintLog(number))
      if luck.losses > 0 { steps.append(.loseLogHint(number)) }
    }
    if let first = node.writes.first {
      steps.append(.write(number))
      if luck.silences > 0, answers(signals.values[first]) { steps.append(.writeInSilence(number)) }
    }
    if !node.reads.isEmpty { steps.append(.read(number)) }
    if !node.answersToWrites.isEmpty { steps.append(.deliverWritten(number)) }
    if !node.answersToReads.isEmpty { steps.append(.deliverRead(number)) }
    if luck.crashes > 0 { steps.append(.crash(number)) }
    return steps
  }

  private func answers(_ write: Signal) -> Bool {
    if case .effect(.checkpoint) = write { false } else { true }
  }

  /// The world after a step.
  func take(_ step: Step, in world: World) -> World {
    var next = world
    switch step {
    case .edit(let member):
      next.members[member].edits += 1
      tell(member: member, number(.edit(world.members[member].edits)), &next)
    case .connect(let member): connect(member, &next)
    case .transmit(let member): transmit(member, &next)
    case .writeRows:
      next.imports += 1
      _ = tellStore(number(.writeRows(world.imports)), &next)
    case .save(let node):
      next.saves += 1
      tell(room: node, number(.save(RequestID(next.saves))), &next)
    case .hintRows, .repeatRowsHint, .loseRowsHint, .hintLog, .loseLogHint: notify(step, &next)
    case .write(let node): write(node, isSilent: false, &next)
    case .writeInSilence(let node): write(node, isSilent: true, &next)
    case .read(let node):
      if let answer = tellStore(next.nodes[node].reads.removeFirst(), &next) {
        next.nodes[node].answersToReads.append(answer)
      }
    case .deliverWritten(let node): tell(room: node, next.nodes[node].answersToWrites.removeFirst(), &next)
    case .deliverRead(let node): tell(room: node, next.nodes[node].answersToReads.removeFirst(), &next)
    case .tick(let node): tell(room: node, number(.tick), &next)
    case .crash(let node): crash(node, &next)
    }
    return next
  }

  private func connect(_ member: Int, _ world: inout World) {
    world.members[member].isConnected = true
    tell(member: member, number(.connected), &world)
    tell(room: home(of: member), number(.join(MemberID(member + 1))), &world)
  }

  private func transmit(_ member: Int, _ world: inout World) {
    guard case .sent(let message) = signals.values[world.members[member].sent.removeFirst()] else { return }
    tell(room: home(of: member), number(.message(MemberID(member + 1), message)), &world)
  }

  private func notify(_ step: Step, _ world: inout World) {
    switch step {
    case .hintRows(let node):
      world.nodes[node].isRowsHintUnderWay = false
      tell(room: node, number(.rowsChanged), &world)
    case .repeatRowsHint(let node):
      world.luck.repetitions -= 1
      tell(room: node, number(.rowsChanged), &world)
    case .loseRowsHint(let node):
      world.luck.losses -= 1
      world.luck.hasLostNotification = true
      world.nodes[node].isRowsHintUnderWay = false
    case .hintLog(let node):
      world.nodes[node].isLogHintUnderWay = false
      hintLog(node, &world)
    case .loseLogHint(let node):
      world.luck.losses -= 1
      world.luck.hasLostNotification = true
      world.nodes[node].isLogHintUnderWay = false
    default: break
    }
  }

  func hintLog(_ node: Int, _ world: inout World) {
    let last = stores.states[world.store].contents.document?.lastSequence ?? 0
    tell(room: node, number(.logGrew(last)), &world)
  }

  private func write(_ node: Int, isSilent: Bool, _ world: inout World) {
    let write = world.nodes[node].writes.removeFirst()
    let answer = tellStore(write, &world)
    guard isSilent else {
      if let answer { world.nodes[node].answersToWrites.append(answer) }
      return
    }
    world.luck.silences -= 1
    switch signals.values[write] {
    // An append without an answer is made again.
    case .effect(.append): world.nodes[node].writes.insert(write, at: 0)
    case .effect(.commit(let commit)) where fault == .takesSilenceForSuccess:
      let result = CommitResult(
        lastSequence: 0, revision: commit.base.revision, lockVersion: commit.base.lockVersion)
      world.nodes[node].answersToWrites.append(number(.committed(result)))
    default: world.nodes[node].answersToWrites.append(number(.storeFailed))
    }
  }

  /// The process dies: what is in memory is gone, and what it asked the store for was done up to here.
  private func crash(_ node: Int, _ world: inout World) {
    world.luck.crashes -= 1
    renewRoom(of: node, &world)
    world.nodes[node].writes = []
    world.nodes[node].reads = []
    world.nodes[node].answersToWrites = []
    world.nodes[node].answersToReads = []
  }
}
