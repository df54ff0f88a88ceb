import ArgumentParser
import Storage

/// `heddle migrate`.
struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Bring the database's schema up to date, and end.")

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Logs") var logs: LogOptions

  func run() throws {
    let logger = logs.start()
    try failing {
      try database.withDatabase(logger: logger) { storage in
        let applied = try Store(configuration: storage, logger: logger).migrate()
        announce(applied.isEmpty ? "the schema is up to date" : "applied migrations \(applied)")
      }
    }
  }
}
