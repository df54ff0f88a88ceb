import ArgumentParser
import Gateway
import Storage
import Workflow
import YCRDT

/// `heddle doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look whether every stored document can be read, and mend one that cannot.",
    discussion: """
      A document whose log has lost something is not served. --renew gives it a new history: of what is stored where that \
      can be read, unsaved edits included, else of the rows; then what can be read of the rest becomes a branch. Editors \
      that are open come back with the earlier history: what only they have becomes a branch as well.

      Exit codes: 0 everything can be read, or was mended; 1 something cannot.
      """)

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Conflicts") var winners: PolicyOptions
  @OptionGroup(title: "Logs") var logs: LogOptions

  @Option(help: "The id of a workflow whose document gets a new history.")
  var renew: String?

  mutating func validate() throws {
    if let renew, !DocumentName.isUUID(renew) { throw ValidationError("'\(renew)' is not the id of a workflow") }
  }

  func run() throws {
    let logger = logs.start()
    try failing {
      try database.withDatabase(logger: logger) { storage in
        let store = Store(configuration: storage, logger: logger)
        try store.migrate()
        store.start()
        defer { store.stop() }
        if let renew { try self.renew(DocumentName(workflowID: renew), store) } else { try check(store) }
      }
    }
  }

  private func renew(_ name: DocumentName, _ store: Store) throws {
    guard try store.wait({ store.renewDocument(name, policy: winners.policy, $0) }) else {
      report("heddle: there is no workflow \(name.workflowID), or it is deleted")
      throw ExitCode.failure
    }
    announce("\(name) has a new history")
  }

  private func check(_ store: Store) throws {
    let ids = try store.wait { store.documentIDs($0) }
    var damaged = 0
    for id in ids {
      guard let damage = Self.damage(of: DocumentName(workflowID: id), store) else { continue }
      damaged += 1
      announce("workflow:\(id) cannot be read: \(damage). 'heddle doctor --renew \(id)' mends it")
    }
    announce("\(ids.count) documents, \(damaged) cannot be read")
    if damaged > 0 { throw ExitCode.failure }
  }

  private static func damage(of name: DocumentName, _ store: Store) -> String? {
    do {
      guard let stored = try store.wait({ store.readDocument(name, $0) }) else { return "it has a log and no head" }
      let doc = Doc()
      for update in (stored.checkpoint.map { [$0] } ?? []) + stored.updates { try doc.apply(update) }
      _ = try WorkflowDocument.extract(doc)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
