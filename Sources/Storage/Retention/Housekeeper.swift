import Logging

/// The thread that lets go of what the policy does not keep, on one of the servers.
final class Housekeeper: Sendable {
  private let configuration: StoreConfiguration
  private let health: Health
  private let nodes: Nodes?
  private let logger: Logger
  private let wakeup = Wakeup()

  init(configuration: StoreConfiguration, health: Health, nodes: Nodes?, logger: Logger) {
    self.configuration = configuration
    self.health = health
    self.nodes = nodes
    self.logger = logger
  }

  func stop() { wakeup.stop() }

  /// After a step that let go of something, so that this never takes more than a part of a database's time.
  private static let pause = Duration.milliseconds(100)

  func run() {
    guard configuration.retentionInterval > .zero, configuration.retention.letsGo else { return }
    let session = Session(configuration, role: "housekeeper", health: health, commands: ["set lock_timeout = '5s'"])
    // Whoever begins first does it from then on.
    Rounds(interval: configuration.retentionInterval, begin: 0.25...0.75, wakeup: wakeup)
      .run(session, clearUp, failed: sayFailure)
  }

  private func sayFailure(_ error: StoreError) {
    logger.warning("old versions and audits were not all let go of", metadata: ["error": "\(error)"])
  }

  private func clearUp(_ session: Session) throws(StoreError) {
    let interval = configuration.retentionInterval
    let isOurs = try session.perform { [nodes] in try nodes?.keepsHouse(every: interval, $0) ?? true }
    guard isOurs else { return health.cleared(due: nil) }
    let policy = configuration.retention
    health.cleared(due: try session.perform { try RetentionPass.due(policy, $0) })
    var (pass, all) = (RetentionPass(policy), RetentionCount())
    while !pass.isOver, !wakeup.isStopped {
      let dropped = try step(&pass, session)
      guard dropped.total > 0 else { continue }
      all += dropped
      health.cleared(dropped)
      wakeup.wait(socket: -1, limit: Self.pause)
    }
    if pass.isOver { health.cleared(besides: pass.referenced) }
    guard all.total > 0 else { return }
    logger.notice(
      "old versions and audits were let go of",
      metadata: [
        "versions": "\(all[.versions])", "project_audit": "\(all[.projectAudit])", "bytes": "\(all.bytes)",
      ])
  }

  /// What Postgres refuses of one kind is no reason to keep what is of another one.
  private func step(_ pass: inout RetentionPass, _ session: Session) throws(StoreError) -> RetentionCount {
    do {
      let (dropped, next) = try session.perform { [pass] connection in
        var pass = pass
        return (try pass.step(connection), pass)
      }
      pass = next
      return dropped
    } catch .database(let error) {
      sayFailure(.database(error))
      pass.skipKind()
      return RetentionCount()
    }
  }
}
