import ArgumentParser
import Provisioning
import Storage

/// `heddle import FILE…`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Import project files into the database.",
    discussion: """
      Writes the rows, like any other program would. A running server merges the changes into the documents that are
      open, and those that are not.
      """)

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Logs") var logs: LogOptions

  @Argument(help: "Project files in the provisioning JSON; - is standard input.")
  var files: [String]

  func run() throws {
    let logger = logs.start()
    try failing {
      let documents = try files.map { (file: $0, document: ProjectImport(try ProjectFile.read($0))) }
      try database.withDatabase(logger: logger) { storage in
        let store = Store(configuration: storage, logger: logger)
        try store.migrate()
        store.start()
        defer { store.stop() }
        for (file, document) in documents {
          let project = try ProjectFile.importing(document, into: store)
          announce("imported \(file): project '\(project.name)', \(project.workflows.count) workflows")
        }
      }
    }
  }
}
