import ArgumentParser
import Storage

/// `heddle restore`.
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Write a backup into an empty database.",
    discussion: """
      The backup is a folder of 'heddle export --all'. All of it is written or nothing. Documents keep their histories, \
      versions, conflicts and branches: clients that come back with edits which the backup lacks merge them, and nothing doubles.

      No server may run on the database before, or it would not be empty. Secrets that tokens are signed with are restored \
      where the backup has them; otherwise tokens have to be issued anew, and the secrets of hooks asked for again.
      """)

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Logs") var logs: LogOptions

  @Argument(help: "The folder.")
  var folder: String

  func run() throws {
    let logger = logs.start()
    try failing {
      var reader = try BackupReader(path: folder)
      try database.withDatabase(logger: logger) { configuration in
        let store = Store(configuration: configuration, logger: logger)
        try store.migrate()
        try store.restore(reader.manifest, from: &reader) { Progress.show($0) }
      }
      Progress.end()
      let manifest = reader.manifest
      report(
        "restored \(manifest.projects.count) projects and \(manifest.documents) documents as of \(manifest.madeAt)")
    }
  }
}
