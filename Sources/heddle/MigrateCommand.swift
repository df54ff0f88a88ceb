import ArgumentParser
import Storage

/// `heddle migrate`.
struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Bring the database's schema up to date, and end.",
    discussion: """
      Servers that run go on meanwhile: a migration waits for no lock longer than two seconds at a time, and says in its file \
      which older servers still work with what it leaves.

      Exit codes: 0 the schema is up to date; 1 this Heddle cannot work with the database; with --check also 2, where there \
      is something to apply.
      """)

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Logs") var logs: LogOptions

  @Flag(help: "Say what would be applied, and write nothing.")
  var check = false

  func run() throws {
    let logger = logs.start()
    try failing {
      try database.withDatabase(logger: logger) { storage in
        let store = Store(configuration: storage, logger: logger)
        if check { try self.check(store.schemaStatus()) } else { try migrate(store) }
      }
    }
  }

  private func migrate(_ store: Store) throws {
    let applied = try store.migrate()
    announce(applied.isEmpty ? "the schema is up to date" : "applied migrations \(applied)")
  }

  private func check(_ status: SchemaStatus) throws {
    if !status.ahead.isEmpty {
      announce(
        "a newer Heddle applied migrations \(status.ahead); this one, of schema \(status.newest), works with them")
    }
    guard !status.missing.isEmpty else { return announce("the schema is up to date") }
    announce("migrations \(status.missing) would be applied")
    throw ExitCode(2)
  }
}
