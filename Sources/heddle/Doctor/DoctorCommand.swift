import ArgumentParser
import Gateway
import Logging
import Storage
import Workflow

/// `heddle doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look whether everything is as servers need it, and mend a document that cannot be read.",
    discussion: """
      Looks at the machine and its disk, the database with its size, settings, clock, schema, triggers and notifications, at \
      what was left behind, and at every stored document; says what to do about what it finds. It changes nothing (with \
      --audit it notes what it finds), and needs the flags or variables that the servers have.

      A document whose log has lost something is not served. --renew gives it a new history: of what is stored where that \
      can be read, unsaved edits included, else of the rows; then what can be read of the rest becomes a branch. Editors \
      that are open come back with the earlier history: what only they have becomes a branch as well.

      Exit codes: 0 nothing is broken, there may be warnings, or the document was mended; 1 something is.
      """)

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Conflicts") var winners: PolicyOptions
  @OptionGroup(title: "Logs") var logs: LogOptions

  @Option(help: "The id of a workflow whose document gets a new history.")
  var renew: String?

  @Flag(help: "Do not look at the documents, of which there may be many.")
  var skipDocuments = false

  @Flag(
    help:
      "Rebuild every document from its log, and look whether checkpoints, rows and records fit. Notes what it finds.")
  var audit = false

  @Flag(help: "Answer in JSON.")
  var json = false

  mutating func validate() throws {
    if let renew, !DocumentName.isUUID(renew) { throw ValidationError("'\(renew)' is not the id of a workflow") }
    if renew != nil, skipDocuments || json {
      throw ValidationError("--renew goes without --skip-documents and --json")
    }
  }

  func run() throws {
    let logger = logs.start()
    try failing {
      try database.withDatabase(logger: logger) { storage in
        var storage = storage
        storage.isReadOnly = renew == nil && !audit
        let store = Store(configuration: storage, logger: logger)
        if let renew { try self.renew(DocumentName(workflowID: renew), store) } else { try examine(store, storage) }
      }
    }
  }

  private func renew(_ name: DocumentName, _ store: Store) throws {
    try store.migrate()
    store.start()
    defer { store.stop() }
    guard try store.wait({ store.renewDocument(name, policy: winners.policy, $0) }) else {
      report("heddle: there is no workflow \(name.workflowID), or it is deleted")
      throw ExitCode.failure
    }
    announce("\(name) has a new history")
  }

  // MARK: Examination

  private func examine(_ store: Store, _ storage: StoreConfiguration) throws {
    var findings = Progress.during("looking at the machine") { machine(storage).findings() }
    let hasDisk = findings.contains { $0.check == Finding.disk }
    findings += Progress.during("looking at the database") { store.examine() }.filter { finding in
      !hasDisk || finding.check != Finding.disk
    }
    let isReadable = findings.contains { $0.check == "schema" && $0.severity < .failure }
    if isReadable, !skipDocuments {
      store.start()
      defer { store.stop() }
      findings += try Progress.during("reading all documents") { try DocumentExamination(store: store).findings() }
      let audits = DocumentAudits(store: store)
      findings += try Progress.during("auditing all documents") { audit ? try audits.findings() : try audits.known() }
    }
    show(findings)
    if findings.contains(where: { $0.severity == .failure }) { throw ExitCode.failure }
  }

  private func machine(_ storage: StoreConfiguration) -> MachineExamination {
    let network = ServerConfiguration(endpoints: [])
    return MachineExamination(
      maximumConnections: environmentDefault("maximum-connections", network.maximumConnections),
      maximumPendingBytes: storage.maximumPendingBytes,
      dataDirectory: database.databaseURL.isEmpty ? database.dataDir : nil, flags: Self.flags)
  }

  /// Every flag that a command has, from what the commands say of themselves.
  private static var flags: Set<String> {
    let help = Heddle.configuration.subcommands.map { $0.helpMessage(columns: 200) }.joined(separator: " ")
    let words = help.split { !($0.isLetter || $0.isNumber || $0 == "-") }
    return Set(words.filter { $0.hasPrefix("--") }.map { String($0.dropFirst(2)) })
  }

  private func show(_ findings: [Finding]) {
    guard !json else {
      let worst = findings.map(\.severity).max() ?? .ok
      return announce(
        JSONValue.object(["status": .string(worst.rawValue), "findings": .array(findings.map(\.json))]).text)
    }
    for finding in findings {
      announce("\(finding.severity.rawValue.padded(to: 8)) \(finding.check.padded(to: 14)) \(finding.text)")
      if let advice = finding.advice { announce("\("".padded(to: 23)) → \(advice)") }
    }
  }
}

extension Finding {
  fileprivate var json: JSONValue {
    [
      "check": .string(check), "severity": .string(severity.rawValue), "text": .string(text),
      "advice": advice.map(JSONValue.string) ?? .null,
    ]
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
