import Logging
import Synchronization
import Workflow

/// The thread that looks, now and then and for a few documents, whether what is stored of them fits together. It changes nothing
/// but the list of what it found.
final class Auditor: Sendable {
  private let configuration: StoreConfiguration
  private let health: Health
  private let logger: Logger
  private let wakeup = Wakeup()
  private let handler = Mutex<(@Sendable (DocumentDifference) -> Void)?>(nil)

  init(configuration: StoreConfiguration, health: Health, logger: Logger) {
    self.configuration = configuration
    self.health = health
    self.logger = logger
  }

  func setHandler(_ body: @escaping @Sendable (DocumentDifference) -> Void) {
    handler.withLock { $0 = body }
  }

  func stop() { wakeup.stop() }

  /// Between two documents of a round, so that an audit never takes more than a part of a database's time.
  private static let pause = Duration.milliseconds(200)

  func run() {
    guard configuration.auditInterval > .zero, configuration.auditDocuments > 0 else { return }
    Rounds(interval: configuration.auditInterval, begin: 0.5...1, wakeup: wakeup)
      .run(Session(configuration, role: "auditor", health: health), auditSome) { error in
        logger.info("an audit was given up", metadata: ["error": "\(error)"])
      }
  }

  private func auditSome(_ session: Session) throws(StoreError) {
    let count = configuration.auditDocuments
    for id in try session.perform({ try AuditRecords.sample(count, $0) }) {
      guard !wakeup.isStopped else { return }
      try audit(id, session)
      wakeup.wait(socket: -1, limit: Self.pause)
    }
  }

  private func audit(_ workflowID: String, _ session: Session) throws(StoreError) {
    let limit = configuration.maximumAuditBytes
    do {
      let found = try session.perform { connection in
        try AuditRecords.exclusively(workflowID, connection) {
          try Self.differences(of: workflowID, maximumBytes: limit, connection)
        }
      }
      guard let found else { return }
      health.audited(differences: found.count)
      for difference in found { alarm(difference) }
    } catch .damaged(let what) {
      // Too large, or an error that no check expected: said, and the next document is looked at.
      logger.notice(
        "a document was not audited", metadata: ["document": "workflow:\(workflowID)", "reason": "\(what)"])
    }
  }

  private func alarm(_ difference: DocumentDifference) {
    logger.error(
      "what is stored of a document does not fit together",
      metadata: [
        "document": "workflow:\(difference.workflowID)", "kind": "\(difference.kind.rawValue)",
        "detail": "\(difference.detail)",
      ])
    handler.withLock { $0 }?(difference)
  }

  /// What does not fit, found twice: nothing that happens in between is taken for damage. It is noted.
  static func differences(
    of workflowID: String, maximumBytes: Int, _ connection: PostgresConnection
  ) throws -> [DocumentDifference] {
    func look() throws -> [DocumentDifference] {
      guard let stored = try AuditedDocument.read(workflowID, maximumBytes: maximumBytes, connection) else { return [] }
      return DocumentAudit(stored).differences
    }
    var found = try look()
    if !found.isEmpty {
      let again = Set(try look().map(\.kind))
      found.removeAll { !again.contains($0.kind) }
    }
    try AuditRecords.note(found, of: workflowID, connection)
    return found
  }
}
