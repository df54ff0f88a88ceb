public import Logging
public import Storage
import Synchronization

/// A running server: the event loop with its rooms, on a store.
///
///     let server = Server(store: store, configuration: configuration, logger: logger)
///     let endpoints = try server.start()
///     …
///     server.drain()
public final class Server: Sendable {
  private let store: Store
  private let configuration: GatewayConfiguration
  private let logger: Logger
  private let loop: EventLoop
  private let gateway = Mutex<Confined<Gateway>?>(nil)
  private let repositories: RepositoryService?

  /// A server that does not listen yet, on a store that is not started yet.
  public init(store: Store, configuration: GatewayConfiguration, logger: Logger) {
    self.store = store
    self.configuration = configuration
    self.logger = logger
    loop = EventLoop(configuration: configuration.network, logger: logger)
    repositories = configuration.repositories.map {
      RepositoryService(store: store, configuration: $0, policy: configuration.room.policy, logger: logger)
    }
  }

  /// Listens and serves. Returns where: a port 0 has become a real one.
  public func start() throws -> [ServerConfiguration.Endpoint] {
    let endpoints = try loop.start { [store, configuration, logger, repositories] loop in
      let gateway = Gateway(
        loop: loop, store: store, configuration: configuration, logger: logger, repositories: repositories)
      self.gateway.withLock { $0 = Confined(gateway) }
      return gateway
    }
    store.onRowsChanged { [weak self] workflowID in
      self?.onLoop { $0.directory.rowsChanged(workflowID) }
    }
    store.onDocumentReplaced { [weak self] workflowID in
      self?.onLoop { $0.directory.documentReplaced(workflowID) }
    }
    store.onFailover { [weak self] in
      self?.onLoop { $0.directory.failedOver() }
    }
    store.onNodeNews { [weak self] news in
      self?.onLoop { $0.directory.heard(news) }
    }
    store.onAccessChanged { [weak self] in
      self?.onLoop { $0.accessChanged() }
    }
    store.onDifference { [weak self] difference in
      self?.onLoop { $0.directory.found(difference) }
    }
    repositories?.start()
    return endpoints
  }

  /// Has somebody watch the event loop of the started server: `alive` is called about every second that it turns, and `stuck`
  /// once it has not turned for `timeout` (zero: never), both on a thread of the watchdog. Stop it after the server.
  public func watch(
    timeout: Duration, alive: @escaping @Sendable () -> Void, stuck: @escaping @Sendable () -> Void
  ) -> Watchdog {
    Watchdog(timeout: timeout, ask: { [weak self] in self?.answer($0) ?? false }, alive: alive, stuck: stuck)
  }

  private func answer(_ body: @escaping @Sendable () -> Void) -> Bool {
    onLoop { _ in body() }
  }

  /// Takes nobody new, stores everything, tells everybody to come back, and returns when that is done or the time is
  /// over. Stop the store afterwards. The server cannot be started again.
  public func drain() {
    store.retire()
    repositories?.stop()
    let done = Gate()
    let isRunning = onLoop { [configuration] gateway in
      gateway.loop.stopListening()
      gateway.feeds.drain()
      gateway.directory.drain(closesPerSecond: configuration.drainClosesPerSecond, within: configuration.drainTimeout) {
        gateway.loop.drain(
          .serviceRestart, reason: "the server restarts, please reconnect", within: configuration.drainTimeout
        ) { done.open() }
      }
    }
    if isRunning, !done.wait(for: configuration.drainTimeout) {
      logger.warning("not everything was stored in time", metadata: ["timeout": "\(configuration.drainTimeout)"])
    }
    loop.stop()
  }

  /// Runs `body` on the loop; false where it does not run.
  @discardableResult
  private func onLoop(_ body: @escaping @Sendable (Gateway) -> Void) -> Bool {
    guard let gateway = gateway.withLock({ $0 }) else { return false }
    return loop.execute { body(gateway.value) }
  }
}
