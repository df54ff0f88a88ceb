import ArgumentParser
import Storage
import Workflow

/// `heddle compact`.
struct CompactCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compact", abstract: "Drop what newer states of documents make superfluous.",
    discussion: """
      Servers do that for documents that are open, by --checkpoint-updates, --checkpoint-bytes and --retained-checkpoints. This does \
      it now, for those that nobody opens, too; servers may run meanwhile. Of each document the newest states are kept, as many as \
      --retained-checkpoints says, with the log since the oldest, and who wrote what.

      Then it lets go of saved versions and entries of the audit that are older than --retained-versions, --version-retention \
      and --project-audit-retention want, as one of the servers does every --retention-interval.

      Postgres uses the room again; 'vacuum full document_updates, document_checkpoints' gives it back to the disk, and \
      holds up servers as long as it takes.

      Exit codes: 0 done; 1 some documents could not be read, or the database could not.
      """)

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Retention") var retention: RetentionOptions
  @OptionGroup(title: "Logs") var logs: LogOptions

  @Option(help: "Leave documents alone that have fewer entries of the log behind their newest state.")
  var minimumEntries = 2

  @Flag(help: "Say which documents it would be and how much else, and write nothing.")
  var check = false

  func run() throws {
    let logger = logs.start()
    try failing {
      try database.withStore(logger: logger, isReadOnly: check, configure: retention.apply) { store in
        let ids = try store.wait { store.compactableDocuments(entries: minimumEntries, $0) }
        if check { return try say(ids, store) }
        let isWhole = try compact(ids, store)
        try letGo(store)
        guard isWhole else { throw ExitCode.failure }
      }
    }
  }

  private func say(_ ids: [String], _ store: Store) throws {
    for id in ids { announce("workflow:\(id)") }
    let due = try store.wait { store.countRetentionDue($0) }
    announce("\(Self.text(due)) would be let go of, \(due.bytes >> 10) KiB")
  }

  /// Whether all could be.
  private func compact(_ ids: [String], _ store: Store) throws -> Bool {
    var total = Compaction()
    var failures = 0
    for (done, id) in ids.enumerated() {
      Progress.show("\(done) of \(ids.count) documents compacted")
      switch Result(catching: { try store.wait { store.compact(DocumentName(workflowID: id), $0) } }) {
      case .success(let dropped): total += dropped
      case .failure(let error):
        guard (error as? StoreError)?.isAboutOneDocument == true else { throw error }
        Progress.end()
        report("heddle: workflow:\(id) was left as it is: \(error)")
        failures += 1
      }
    }
    Progress.end()
    let dropped = "\(total.entries) entries of logs and \(total.checkpoints) states dropped, \(total.bytes >> 10) KiB"
    announce("\(ids.count - failures) documents compacted: \(dropped)")
    return failures == 0
  }

  /// What the policy does not keep.
  private func letGo(_ store: Store) throws {
    var (pass, all) = (store.retentionPass, RetentionCount())
    let due = try store.wait { store.countRetentionDue($0) }.total
    while !pass.isOver {
      let step = try store.wait { [pass] in store.takeStep(of: pass, $0) }
      pass = step.pass
      all += step.dropped
      Progress.show("\(all.total) of \(due) old versions and entries of audits let go of")
    }
    Progress.end()
    announce("\(Self.text(all)) let go of, \(all.bytes >> 10) KiB")
    if pass.referenced > 0 { announce("\(pass.referenced) saved versions stay: another table refers to them") }
  }

  private static func text(_ count: RetentionCount) -> String {
    "\(count[.versions]) saved versions and \(count[.projectAudit]) entries of audits"
  }
}

extension StoreError {
  /// Whether others can be read all the same.
  fileprivate var isAboutOneDocument: Bool {
    switch self {
    case .damaged, .unknownDocument: true
    default: false
    }
  }
}
