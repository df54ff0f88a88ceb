import Logging
import Synchronization

/// How a node and the others tell each other things: two threads on a carrier, one that speaks and one that hears. Nobody ever
/// waits for it, and nothing depends on it: what is not heard is found by looking.
final class Bus: Sendable {
  /// What is done with what is heard, on the thread that hears.
  struct Handlers: Sendable {
    /// A message of another node.
    var received: @Sendable (BusMessage, _ node: String) -> Void
    /// Something was missed: of these documents, with nil of any.
    var missed: @Sendable ([String]?) -> Void
  }

  private struct State {
    var outbox = Outbox()
    var turn: (@Sendable () -> Void)?
    var nextTurn = ContinuousClock.now
    var isStopping = false
  }

  private enum Step {
    case publish([BusMessage])
    case turn(@Sendable () -> Void)
    case waitForTurn(Duration)
    case stop
  }

  private struct Documents {
    var ids: Set<String> = []
    var version = 0
  }

  private let node: String
  private let carrier: any BusCarrier
  private let turnInterval: Duration
  private let logger: Logger
  private let state = Monitor(State())
  private let documents = Mutex(Documents())
  private let health = Mutex(BusStatus())
  private let wakeup = Wakeup()
  private let threads = Mutex<[ServiceThread]>([])

  init(node: String, carrier: any BusCarrier, turnInterval: Duration, logger: Logger) {
    self.node = node
    self.carrier = carrier
    self.turnInterval = turnInterval
    self.logger = logger
  }

  var status: BusStatus { health.withLock { $0 } }

  // MARK: Coming and going

  /// Does nothing once the bus was stopped.
  func start(installation: String, _ handlers: Handlers) {
    threads.withLock {
      guard !state.read(\.isStopping) else { return }
      $0 = [
        ServiceThread { self.speak(self.carrier.publisher(installation: installation)) },
        ServiceThread { self.hear(self.carrier.subscriber(installation: installation), handlers) },
      ]
    }
  }

  /// Says what is left to say, if that can be said, and ends the threads.
  func stop() {
    state.change { $0.isStopping = true }
    wakeup.stop()
    let running = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for thread in running { thread.join() }
  }

  // MARK: Speaking

  func publish(_ message: BusMessage) {
    state.change { $0.outbox.add(message) }
  }

  /// Has `body` called when there is time to say something, not more often than every so often, and not while nothing can be said.
  func requestTurn(_ body: @escaping @Sendable () -> Void) {
    state.change { $0.turn = body }
  }

  private func speak(_ publisher: any BusPublisher) {
    defer { publisher.close() }
    var backoff = Backoff()
    var waiting: [BusMessage] = []
    while true {
      do {
        try publisher.connect()
        setWorks(speaking: true)
        try speak(over: publisher, &waiting, &backoff)
        return
      } catch {
        publisher.close()
        setWorks(speaking: false, error)
        // Others have to look for what is not said, and what members show is old by then.
        if !waiting.isEmpty { state.change { $0.outbox.failed() } }
        waiting = []
        if state.wait(for: backoff.next(), until: { $0.isStopping ? true : nil }) != nil { return }
      }
    }
  }

  /// Returns when the bus is stopped.
  private func speak(
    over publisher: any BusPublisher, _ waiting: inout [BusMessage], _ backoff: inout Backoff
  ) throws {
    var limit: Duration?
    while true {
      let step = state.wait(for: limit) { [limit] in next(&$0, isTimed: limit != nil) }
      limit = nil
      switch step {
      case .publish(let messages):
        waiting = messages
        try publish(messages, publisher)
        waiting = []
        backoff.reset()
      case .turn(let body): body()
      case .waitForTurn(let duration): limit = duration
      case .stop: return
      case nil: break
      }
    }
  }

  private func next(_ state: inout State, isTimed: Bool) -> Step? {
    if !state.outbox.isEmpty {
      let messages = state.outbox.take(separatingDocuments: carrier.separatesDocuments)
      let dropped = state.outbox.takeDropped()
      if dropped > 0 { health.withLock { $0.dropped += dropped } }
      return .publish(messages)
    }
    if state.isStopping { return .stop }
    guard let turn = state.turn else { return nil }
    let now = ContinuousClock.now
    guard now >= state.nextTurn else { return isTimed ? nil : .waitForTurn(state.nextTurn - now) }
    state.turn = nil
    state.nextTurn = now + turnInterval
    return .turn(turn)
  }

  private func publish(_ messages: [BusMessage], _ publisher: any BusPublisher) throws {
    var parcels: [BusParcel] = []
    var dropped = 0
    for message in messages {
      let texts = message.texts(from: node, limit: carrier.maximumTextBytes)
      if texts.isEmpty { dropped += 1 }
      parcels += texts.map { BusParcel(document: message.document, text: $0) }
    }
    health.withLock { $0.dropped += dropped }
    guard !parcels.isEmpty else { return }
    try publisher.publish(parcels)
    health.withLock { health in
      health.published += parcels.count
      health.publishedBytes += parcels.reduce(0) { $0 + $1.text.utf8.count }
    }
  }

  // MARK: Hearing

  /// Hears of these documents from now on, or not any more.
  func follow(_ ids: [String], _ isFollowed: Bool) {
    documents.withLock { documents in
      for id in ids { if isFollowed { documents.ids.insert(id) } else { documents.ids.remove(id) } }
      documents.version += 1
    }
    // Where everything is heard it is enough to know what is of interest.
    if carrier.separatesDocuments { wakeup.wake() }
  }

  func follows(_ id: String) -> Bool { documents.withLock { $0.ids.contains(id) } }

  /// What is followed.
  var followed: Set<String> { documents.withLock { $0.ids } }

  private func hear(_ subscriber: any BusSubscriber, _ handlers: Handlers) {
    defer { subscriber.close() }
    var backoff = Backoff()
    while !wakeup.isStopped {
      do {
        try subscriber.connect()
        backoff.reset()
        setWorks(hearing: true)
        handlers.missed(nil)
        try hear(over: subscriber, handlers)
      } catch {
        subscriber.close()
        setWorks(hearing: false, error)
        wakeup.wait(socket: -1, limit: backoff.next())
      }
    }
  }

  /// Comes back to look after its connection at least this often.
  private static let patience = Duration.seconds(5)

  private func hear(over subscriber: any BusSubscriber, _ handlers: Handlers) throws {
    var version = -1
    while !wakeup.isStopped {
      let wanted = documents.withLock { $0.version == version ? nil : $0 }
      if let wanted {
        try subscriber.listen(to: wanted.ids)
        version = wanted.version
      }
      let delivery = try subscriber.receive()
      for text in delivery.texts { take(text, handlers) }
      if !delivery.begun.isEmpty { handlers.missed(delivery.begun) }
      if delivery.texts.isEmpty, delivery.begun.isEmpty { wakeup.wait(socket: subscriber.socket, limit: Self.patience) }
    }
  }

  private func take(_ text: String, _ handlers: Handlers) {
    let decoded = BusMessage.decode(text)
    guard decoded?.node != node else { return }
    health.withLock { health in
      health.received += 1
      health.receivedBytes += text.utf8.count
      if decoded == nil { health.malformed += 1 }
    }
    if let decoded { handlers.received(decoded.message, decoded.node) }
  }

  // MARK: Health

  private func setWorks(speaking: Bool? = nil, hearing: Bool? = nil, _ error: (any Error)? = nil) {
    let works = health.withLock { health -> Bool? in
      health.speaks = speaking ?? health.speaks
      health.hears = hearing ?? health.hears
      if error != nil { health.failures += 1 }
      // At the start it is not away as long as nothing failed.
      guard health.isConnected || error != nil, health.isConnected != health.wasSaidToWork else { return nil }
      health.wasSaidToWork = health.isConnected
      return health.isConnected
    }
    guard let works else { return }
    if works {
      logger.info("the bus works", metadata: ["bus": "\(carrier.description)"])
    } else {
      logger.warning(
        "the bus is away: edits reach members of other nodes with the next poll, and what these show does not",
        metadata: ["bus": "\(carrier.description)", "error": "\(error.map { "\($0)" } ?? "")"])
    }
  }
}

/// How the bus is and what went over it.
public struct BusStatus: Hashable, Sendable {
  var speaks = false
  var hears = false
  /// What was last said of it in the log; nil as long as nothing was.
  var wasSaidToWork: Bool?
  /// Whether messages go both ways.
  public var isConnected: Bool { speaks && hears }
  public var published = 0
  public var publishedBytes = 0
  /// Messages of other nodes.
  public var received = 0
  public var receivedBytes = 0
  /// Messages that are none of ours.
  public var malformed = 0
  /// What was not said, because there was too much of it or it is too long.
  public var dropped = 0
  /// Connections lost or refused.
  public var failures = 0

  init() {}
}
