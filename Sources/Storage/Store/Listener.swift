import Glibc
import Logging
import Synchronization

/// The thread that hears of changed rows, and looks for those it did not hear of.
///
/// What it passes on is only a hint: each document whose rows moved on, once per notification and once per poll.
final class Listener: Sendable {
  private let configuration: StoreConfiguration
  private let health: Health
  private let handler = Mutex<(@Sendable (String) -> Void)?>(nil)
  private let replacementHandler = Mutex<(@Sendable (String?) -> Void)?>(nil)
  private let failoverHandler = Mutex<(@Sendable () -> Void)?>(nil)
  private let accessHandler = Mutex<(@Sendable () -> Void)?>(nil)
  /// Wakes the thread out of its poll: one end is written to when it is to stop.
  private let wakeup: Wakeup
  private let nodes: Nodes?
  /// What is to be looked at before the next poll.
  private let missed = Mutex(Missed())

  /// Documents of which other servers may have said something that was not heard.
  private struct Missed {
    var ids: Set<String> = []
    var isAny = false
  }

  init(configuration: StoreConfiguration, health: Health, nodes: Nodes? = nil) {
    self.configuration = configuration
    self.health = health
    self.nodes = nodes
    wakeup = Wakeup()
  }

  /// How often old records are looked for, where there are not more than can be let go of with one poll.
  private static let expiryInterval = Duration.seconds(3600)

  func setHandler(_ body: @escaping @Sendable (String) -> Void) {
    handler.withLock { $0 = body }
    wakeup.wake()
  }

  /// Sets who is told of documents that were replaced; nil stands for any.
  func setReplacementHandler(_ body: @escaping @Sendable (String?) -> Void) {
    replacementHandler.withLock { $0 = body }
  }

  /// Sets who is told when another database answers than before.
  func setFailoverHandler(_ body: @escaping @Sendable () -> Void) {
    failoverHandler.withLock { $0 = body }
  }

  /// Sets who is told when it may have changed who may do what.
  func setAccessHandler(_ body: @escaping @Sendable () -> Void) {
    accessHandler.withLock { $0 = body }
  }

  func stop() {
    wakeup.stop()
  }

  /// Has it looked soon what happened to these documents, with nil to all that are open here.
  func look(at ids: [String]?) {
    missed.withLock { missed in
      if let ids { missed.ids.formUnion(ids) } else { missed.isAny = true }
    }
    wakeup.interrupt()
  }

  /// What notifications about access say.
  private static let accessNotification = "access"

  func run() {
    let session = Session(
      configuration, role: "listener", health: health, commands: ["listen heddle_rows", "listen heddle_access"])
    var wasConnected = false
    var nextExpiry = ContinuousClock.now
    while !wakeup.isStopped {
      do {
        try session.connect()
        health.setListener(works: true)
        if let timeline = try Timeline.read(session.connection), health.isAnother(timeline: timeline) {
          failoverHandler.withLock { $0 }?()
        }
        // Nothing was heard while there was no connection, and the database may have been set back.
        if wasConnected { replacementHandler.withLock { $0 }?(nil) }
        wasConnected = true
        try listen(session.connection, &nextExpiry)
      } catch {
        if let error = error as? PostgresError { session.failed(error) }
        health.setListener(works: false)
        wakeup.wait(socket: -1, limit: max(session.delay, .milliseconds(5)))
      }
    }
  }

  /// Whatever was missed while there was no connection is found by the first poll.
  private func listen(_ connection: PostgresConnection, _ nextExpiry: inout ContinuousClock.Instant) throws {
    var nextPoll = ContinuousClock.now
    while !wakeup.isStopped {
      if wakeup.wasWoken || ContinuousClock.now >= nextPoll {
        try poll(connection, &nextExpiry)
        nextPoll = .now + configuration.pollInterval
      }
      try lookAtMissed(connection)
      var notifications = Set(try connection.notifications())
      if notifications.remove(Self.accessNotification) != nil { reportAccess() }
      let replaced = notifications.filter { $0.hasPrefix(DocumentReplacement.notification) }
      reportReplaced(replaced)
      let changed = notifications.subtracting(replaced)
      try report(try StaleDocuments.find(among: changed.sorted(), connection), connection)
      // Asking may have read more from the socket than its answer.
      guard try connection.hasNoNotifications() else { continue }
      wakeup.wait(socket: connection.socket, limit: max(.zero, nextPoll - .now))
    }
  }

  /// Looks at what is open here, and, where no other server does it, at everything else.
  private func poll(_ connection: PostgresConnection, _ nextExpiry: inout ContinuousClock.Instant) throws {
    reportAccess()
    if let nodes { try look(at: nodes.bus.followed, connection) }
    defer { health.polled() }
    guard try nodes?.polls(every: configuration.pollInterval, connection) ?? true else {
      return health.found(stale: [], for: configuration.pollInterval * 3)
    }
    let stale = try StaleDocuments.findAll(connection)
    health.found(stale: stale, for: configuration.pollInterval * 3)
    try report(stale, connection)
    if nodes != nil { try Claims.removeOld(connection) }
    if ContinuousClock.now >= nextExpiry {
      let hasMore = try Expiry.step(
        olderThan: configuration.recordRetention, connection, failed: { health.report($0) })
      nextExpiry = .now + (hasMore ? .zero : Self.expiryInterval)
    }
  }

  private func lookAtMissed(_ connection: PostgresConnection) throws {
    guard let nodes else { return }
    let missed = missed.withLock { missed in
      defer { missed = Missed() }
      return missed
    }
    guard missed.isAny || !missed.ids.isEmpty else { return }
    try look(at: missed.isAny ? nodes.bus.followed : missed.ids, connection)
  }

  private func look(at ids: Set<String>, _ connection: PostgresConnection) throws {
    let found = try Growth.find(ids, connection)
    if !found.growth.isEmpty { nodes?.tell(.grew(found.growth)) }
    try report(found.stale, connection)
  }

  private func reportReplaced(_ notifications: Set<String>) {
    guard !notifications.isEmpty, let handler = replacementHandler.withLock({ $0 }) else { return }
    for text in notifications.sorted() { handler(String(text.dropFirst(DocumentReplacement.notification.count))) }
  }

  private func reportAccess() {
    accessHandler.withLock { $0 }?()
  }

  /// Passes on those that are for this server to merge.
  private func report(_ ids: [String], _ connection: PostgresConnection) throws {
    guard !ids.isEmpty, let handler = handler.withLock({ $0 }) else { return }
    for id in try nodes?.reconciles(among: ids, connection) ?? ids { handler(id) }
  }
}
