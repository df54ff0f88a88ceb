import ArgumentParser
import Gateway
import Storage
import Workflow

/// `heddle import FILE…`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Import project files into the database.",
    discussion: """
      Writes the rows, like any other program would. A running server merges the changes into the documents that are
      open, and those that are not.

      The files may be the provisioning JSON or YAML, v1 or v2; a folder is read by its config file. Names in YAML become the \
      ids of what is there. All that is wrong is said with its line, and then nothing is written.

      With --plan it says what that would change and which unsaved edits it would meet, and writes nothing. Exit codes: \
      0 done, or nothing unsaved is met; 1 failed; 2 unsaved edits are met.
      """)

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Conflicts") var winners: PolicyOptions
  @OptionGroup(title: "Project files") var formats: FormatOptions
  @OptionGroup(title: "Logs") var logs: LogOptions

  @Flag(help: "Say what would happen, and write nothing.")
  var plan = false

  @Flag(help: "With --plan: say it in JSON, one line per file.")
  var json = false

  @Option(help: "What to do where people have unsaved edits in a workflow that changes: merge, refuse or wait.")
  var ifEditing: EditingPolicy = environmentDefault("if-editing", .merge)

  @Option(help: "How long --if-editing wait waits.")
  var waitLimit: Duration = environmentDefault("wait-limit", .seconds(600))

  @Option(help: "Import what was planned under this id, if it still holds. The file may be left out.")
  var applyPlan: String?

  @OptionGroup var input: ProjectInputOptions

  @Argument(help: "Project files in any of the formats, or folders with a config file; - is standard input.")
  var files: [String] = []

  mutating func validate() throws {
    if let applyPlan {
      guard DocumentName.isUUID(applyPlan) else { throw ValidationError("'\(applyPlan)' is not the id of a plan") }
      if plan { throw ValidationError("--plan and --apply-plan exclude each other") }
      if ifEditing != .merge {
        throw ValidationError(
          "--if-editing \(ifEditing.rawValue) and --apply-plan exclude each other: a plan holds for the unsaved edits "
            + "that it was made with")
      }
      if files.count > 1 { throw ValidationError("a plan is made of one file") }
    } else if input.state != nil, files.count > 1 {
      throw ValidationError("a state file goes with one project file")
    } else if files.isEmpty {
      throw ValidationError("Missing expected argument '<files> ...'")
    }
  }

  func run() throws {
    let logger = logs.start()
    try failing {
      let inputs = try files.map { try ProjectInput($0, state: input.state, limits: formats.limits) }
      try database.withStore(logger: logger) { store in
        let imports = Imports(store: store, policy: winners.policy)
        if let applyPlan {
          try imports.apply(applyPlan.lowercased(), inputs.first)
        } else if plan {
          try imports.plan(inputs, into: input.project, asJSON: json)
        } else {
          for each in inputs { try imports.make(each, into: input.project, ifEditing, waitLimit: waitLimit) }
        }
      }
    }
  }
}

extension EditingPolicy: ExpressibleByArgument {}
