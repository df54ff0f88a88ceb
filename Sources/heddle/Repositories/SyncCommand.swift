import ArgumentParser
import Gateway
import Logging
import Storage
import Workflow

/// `heddle sync`.
struct SyncCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Bring projects and their git repositories together, now.",
    discussion: """
      Pulls what is new in the repositories into the projects, or with --push brings what was saved into the repositories. \
      A running server does the same by itself; both never work on the same connection at once.

      Exit codes: 0 done, 1 failed, 2 with --plan where unsaved edits are met.
      """)

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Repositories") var repositories: RepositoryOptions
  @OptionGroup(title: "Project files") var formats: FormatOptions
  @OptionGroup(title: "Conflicts") var winners: PolicyOptions
  @OptionGroup(title: "Logs") var logs: LogOptions

  @Option(help: "Only this project, by its id or name. Without it, all that have a repository.")
  var project: String?

  @Flag(help: "Say what a pull would change, and write nothing.")
  var plan = false

  @Flag(help: "Bring the repository into the project; that is the default.")
  var pull = false

  @Flag(help: "Bring the project into the repository.")
  var push = false

  @Option(help: "What the commit says; with --push.")
  var message: String?

  @Option(help: "How long to wait while somebody else syncs the same connection.")
  var waitLimit: Duration = environmentDefault("wait-limit", .seconds(600))

  @Flag(help: "Answer in JSON, one line per project.")
  var json = false

  mutating func validate() throws {
    if push, pull || plan { throw ValidationError("--push excludes --pull and --plan") }
    if message != nil, !push { throw ValidationError("--message is for --push") }
  }

  func run() throws {
    let logger = logs.start()
    try failing {
      try database.withStore(logger: logger) { store in
        var configuration = repositories.configuration(dataDir: database.dataDir)
        configuration.formats = formats.limits
        var syncer = RepositorySyncer(
          store: store, configuration: configuration, policy: winners.policy, logger: logger)
        if !json { syncer.onProgress = { report($0) } }
        try Syncs(store: store, syncer: syncer, command: self).run(try connections(store))
      }
    }
  }

  private func connections(_ store: Store) throws -> [RepositoryConnection] {
    if let project { return [try Repositories.connection(of: project, store)] }
    let all = try store.wait { store.readRepositories($0) }
    return all.filter { $0.url != nil && !(push && $0.isPullOnly) }
  }
}

/// What `heddle sync` does with a database.
private struct Syncs {
  let store: Store
  let syncer: RepositorySyncer
  let command: SyncCommand

  /// One after the other; what fails does not keep the others back.
  func run(_ connections: [RepositoryConnection]) throws {
    if connections.isEmpty { report("no repository is connected to a project") }
    var (failures, isMet) = (0, false)
    for connection in connections {
      do {
        if command.plan {
          if try plan(connection) { isMet = true }
        } else {
          try sync(connection)
        }
      } catch let failure as SyncFailure {
        failures += 1
        tell(failure, connection)
      }
    }
    if failures > 0 { throw ExitCode.failure }
    if isMet { throw ExitCode(2) }
  }

  private func tell(_ failure: SyncFailure, _ connection: RepositoryConnection) {
    guard command.json else {
      return report("heddle: \(connection.projectName ?? connection.projectID): \(failure.text)")
    }
    announce(
      JSONValue.object([
        "project_id": .string(connection.projectID), "outcome": "failed", "kind": .string(failure.kind),
        "error": .string(failure.text),
      ]).text)
  }

  // MARK: Plans

  /// Whether unsaved edits are met.
  private func plan(_ connection: RepositoryConnection) throws -> Bool {
    let made = try syncer.plan(connection)
    if command.json {
      announce(
        JSONValue.object([
          "project_id": .string(connection.projectID), "commit": .string(made.commit.id.description),
          "data": made.plan?.json ?? .null,
        ]).text)
    } else {
      announce("\(connection.name) at \(made.commit.id.abbreviated) \(made.commit.subject)")
      announce(made.plan.map { PlanReport($0).text } ?? "is synced already")
    }
    return made.plan?.touchesUnsavedWork ?? false
  }

  // MARK: Syncs

  private func sync(_ connection: RepositoryConnection) throws {
    let request = SyncRequest(
      command.push ? .push : .pull, cause: .command,
      actor: command.push ? Actor(type: "cli") : connection.actor, message: command.message)
    let done = try syncer.perform(try claim(connection), request).get()
    if command.json {
      return announce(
        JSONValue.object([
          "project_id": .string(connection.projectID), "outcome": .string(done.outcome.rawValue),
          "commit": JSONValue(done.commit), "conflicts": JSONValue(done.conflicts), "workflows": .array(done.changes),
        ]).text)
    }
    announce("\(connection.projectName ?? connection.projectID): \(Self.text(done))")
    for change in done.changes {
      announce("  \(change["action"]?.string ?? "") workflow '\(change["name"]?.string ?? "")'")
    }
  }

  private static func text(_ done: SyncResult) -> String {
    let commit = done.commit.map { " \($0.prefix(10))" } ?? ""
    let conflicts = done.conflicts > 0 ? ", \(done.conflicts) conflicts" : ""
    return switch done.outcome {
    case .imported: "imported\(commit), \(done.changes.count) workflows\(conflicts)"
    case .pushed: "pushed\(commit), \(done.changes.count) workflows"
    case .noted: "nothing to import in\(commit)"
    case .upToDate: "nothing to do"
    }
  }

  /// Waits until nobody else syncs the connection.
  private func claim(_ connection: RepositoryConnection) throws -> RepositoryClaim {
    guard connection.url != nil else {
      throw SyncFailure("no_url", "the connection of '\(connection.name)' has no URL")
    }
    let deadline = ContinuousClock.now + command.waitLimit
    var isWaiting = false
    while true {
      let claim = try store.wait {
        store.claimRepository(of: connection.projectID, lease: syncer.lease, $0)
      }
      if let claim { return claim }
      guard ContinuousClock.now < deadline else {
        throw SyncFailure("busy", "somebody else syncs \(connection.name)", isTemporary: true)
      }
      if !isWaiting { syncer.onProgress("somebody else syncs \(connection.name); waiting") }
      isWaiting = true
      Pause.milliseconds(200)
    }
  }
}
