import Logging
import Synchronization

/// This server as one of several on the same database: who else there is, what they tell each other, and who does what.
final class Nodes: Sendable {
  let id: String
  let configuration: NodeConfiguration
  let registry: NodeRegistry
  let bus: Bus
  private let presenceAge: Duration
  private let newsHandler = Mutex<(@Sendable (NodeNews) -> Void)?>(nil)
  private let missedHandler = Mutex<(@Sendable ([String]?) -> Void)?>(nil)
  private let thread = Mutex<ServiceThread?>(nil)
  private let isRetired = Flag()
  private let counts = Mutex(ClaimCounts())

  init(
    id: String, node: NodeConfiguration, configuration: StoreConfiguration, health: Health, logger: Logger
  ) {
    self.id = id
    self.configuration = node
    presenceAge = configuration.presenceAge
    registry = NodeRegistry(id: id, configuration: configuration, node: node, health: health)
    let carrier: any BusCarrier =
      node.bus.map { RedisCarrier(address: $0) } ?? PostgresCarrier(configuration: configuration)
    bus = Bus(node: id, carrier: carrier, turnInterval: node.presenceInterval, logger: logger)
  }

  /// The number of a node, from its id: more than there ever are members, and no more than JSON has exactly.
  static func number(of id: String) -> NodeNumber {
    let digits = id.filter { $0 != "-" }.prefix(13)
    return (UInt64(digits, radix: 16) ?? 0) | 1 << 52
  }

  func setNewsHandler(_ body: @escaping @Sendable (NodeNews) -> Void) { newsHandler.withLock { $0 = body } }

  /// Sets who looks again at documents of which something was missed, with nil at all that are open.
  func setMissedHandler(_ body: @escaping @Sendable ([String]?) -> Void) { missedHandler.withLock { $0 = body } }

  // MARK: Coming and going

  func start() {
    let running = ServiceThread { [self] in
      registry.run(
        begin: { installation in
          bus.start(
            installation: installation,
            Bus.Handlers(
              received: { [self] in received($0, from: $1) },
              missed: { [self] ids in missedHandler.withLock { $0 }?(ids) }))
          bus.publish(.came)
        },
        gone: { [self] other in tell(.gone(Self.number(of: other))) })
    }
    thread.withLock { $0 = running }
  }

  /// Takes on nothing new: others do it.
  func retire() { isRetired.set() }

  func stop() {
    bus.publish(.left)
    bus.stop()
    registry.stop()
    thread.withLock { thread in
      thread?.join()
      thread = nil
    }
  }

  // MARK: Telling each other

  private func received(_ message: BusMessage, from node: String) {
    switch message {
    case .grew(let growth):
      registry.heard(from: node)
      let open = growth.filter { bus.follows($0.workflowID) }
      if !open.isEmpty { tell(.grew(open)) }
    case .look:
      registry.heard(from: node)
      missedHandler.withLock { $0 }?(nil)
    case .shown(let update, let id):
      registry.heard(from: node)
      if bus.follows(id) { tell(.shown(update, in: id, by: Self.number(of: node))) }
    case .whoIsThere(let id):
      registry.heard(from: node)
      if bus.follows(id) { tell(.whoIsThere(id)) }
    case .came: registry.heard(from: node)
    case .left:
      registry.left(node)
      tell(.gone(Self.number(of: node)))
    }
  }

  func tell(_ news: NodeNews) { newsHandler.withLock { $0 }?(news) }

  /// Tells others that logs have grown, if there are any.
  func grew(_ growth: [DocumentGrowth]) {
    if registry.hasOthers, !growth.isEmpty { bus.publish(.grew(growth)) }
  }

  /// Tells others something of a document, if there are any.
  func publish(_ message: BusMessage) {
    if registry.hasOthers { bus.publish(message) }
  }

  // MARK: Who does what

  /// Those of the documents whose changed rows this node is to merge.
  func reconciles(among ids: [String], _ connection: PostgresConnection) throws -> [String] {
    guard !ids.isEmpty else { return [] }
    let followed = bus.followed
    let (open, cold) = (ids.filter(followed.contains), ids.filter { !followed.contains($0) })
    guard registry.hasOthers else { return isRetired.isSet ? open : ids }
    let taken = try Claims.take(
      .reconcile, of: open, cold: isRetired.isSet ? [] : cold, node: id, lease: configuration.lease,
      presenceAge: presenceAge, connection)
    counts.withLock { counts in
      counts.taken += taken.count
      counts.left += ids.count - taken.count
    }
    return ids.filter(taken.contains)
  }

  /// Whether it is this node that looks for documents that nobody has open.
  func polls(every interval: Duration, _ connection: PostgresConnection) throws -> Bool {
    guard registry.hasOthers else { return true }
    guard !isRetired.isSet else { return false }
    return try Claims.take(.poll, node: id, lease: max(configuration.lease, interval * 2), connection)
  }

  /// Whether it is this node that lets go of what the policy does not keep. It keeps that until it is gone.
  func keepsHouse(every interval: Duration, _ connection: PostgresConnection) throws -> Bool {
    guard registry.hasOthers else { return true }
    guard !isRetired.isSet else { return false }
    return try Claims.take(.retention, node: id, lease: max(configuration.lease, interval * 2), connection)
  }

  /// Whether it is this node that takes a document's checkpoints for the time being.
  func checkpoints(_ workflowID: String, _ connection: PostgresConnection) throws -> Bool {
    guard registry.hasOthers else { return true }
    let taken = try Claims.take(
      .checkpoint, of: [workflowID], cold: [], node: id, lease: configuration.lease, presenceAge: presenceAge,
      connection)
    counts.withLock { $0.checkpointsLeft += taken.isEmpty ? 1 : 0 }
    return !taken.isEmpty
  }

  var status: NodesStatus {
    NodesStatus(nodes: registry.others.count + 1, bus: bus.status, claims: counts.withLock { $0 })
  }
}

/// How a server stands among others.
public struct NodesStatus: Sendable {
  /// How many servers there are, this one included.
  public var nodes = 1
  public var bus = BusStatus()
  public var claims = ClaimCounts()
}

/// How often this server did something of which one server is enough, and how often it left it to others.
public struct ClaimCounts: Hashable, Sendable {
  public var taken = 0
  public var left = 0
  public var checkpointsLeft = 0

  init() {}
}
