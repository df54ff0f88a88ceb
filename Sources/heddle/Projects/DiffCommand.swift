import ArgumentParser
import Gateway
import Provisioning
import Storage
import Workflow

/// `heddle diff FILE`.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Say what importing a project file would change, line by line.",
    discussion: """
      It compares with what was saved or imported last, and says which unsaved edits the import would meet. Nothing is written.

      Exit codes: 0 done, 1 failed; with --exit-code 2 where anything would change.
      """)

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Conflicts") var winners: PolicyOptions
  @OptionGroup(title: "Logs") var logs: LogOptions
  @OptionGroup(title: "Project files") var formats: FormatOptions
  @OptionGroup var input: ProjectInputOptions

  @Flag(help: "Answer in JSON.")
  var json = false

  @Flag(help: "End with 2 where anything would change.")
  var exitCode = false

  @Argument(help: "A project file in any of the formats, or a folder with a config file; - is standard input.")
  var file: String

  func run() throws {
    let logger = logs.start()
    try failing {
      let project = try ProjectInput(file, state: input.state, limits: formats.limits)
      try database.withStore(logger: logger) { store in
        let plan = try Imports(store: store, policy: winners.policy).preview(project, into: input.project)
        announce(json ? plan.json.text : PlanReport(plan, showsTexts: true).text)
        if exitCode, !(plan.workflows.isEmpty && plan.projectChanges.isEmpty) { throw Self.differs }
      }
    }
  }

  private static let differs = ExitCode(2)
}

/// What names in a file refer to.
struct ProjectInputOptions: ParsableArguments {
  @Option(
    help: "The project to import into: its id or name. Else the file says it, or a state file, or its project's name.")
  var project: String?

  @Option(help: "A state file, which says which ids the names in a YAML file have.")
  var state: String?
}
