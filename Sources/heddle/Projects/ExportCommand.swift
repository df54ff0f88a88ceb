import ArgumentParser
import Gateway
import Provisioning
import Storage
import Workflow

/// `heddle export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a project to a file, or to a folder as repositories have it; or make a backup.",
    discussion: """
      What is written is what was saved or imported last: edits that nobody saved are not in it. The same data always gives \
      the same bytes, and importing them changes nothing.

      A folder gets the project file, a state file with the ids, the code of each job in a file of its own and a config file \
      that names them; 'heddle import FOLDER' reads it. Files that are there with the same bytes are not touched.

      --all makes a backup: all projects, and all documents with the edits that nobody saved, with their histories, conflicts, \
      branches and versions, as they are at one moment. Servers go on working meanwhile. 'heddle restore FOLDER' reads it.
      """)

  @OptionGroup(title: "Database") var database: DatabaseOptions
  @OptionGroup(title: "Logs") var logs: LogOptions

  @Option(help: "The project: its id or name. May be left out where there is only one.")
  var project: String?

  @Option(
    help:
      "json has the ids and is the default for a file; v1 (the default for a folder), v2 and v2-expressions are YAML.")
  var format: ProjectFormat?

  @Option(help: "The file to write; - is standard output.")
  var output = "-"

  @Option(help: "Write a folder instead of a file.")
  var folder: String?

  @Flag(help: "With --folder: leave the code of the jobs in the project file.")
  var inlineBodies = false

  @Option(help: "Write a backup of everything into this folder, which is new or empty.")
  var all: String?

  @Flag(help: "With --all: the backup has the secrets, too, that servers sign tokens with.")
  var secrets = false

  @Flag(help: "Say in JSON which files were written.")
  var json = false

  mutating func validate() throws {
    if folder != nil, output != "-" { throw ValidationError("--output and --folder exclude each other") }
    if folder != nil, format == .json {
      throw ValidationError("--folder goes with the YAML formats: v1, v2 or v2-expressions")
    }
    if all != nil, project != nil || format != nil || folder != nil || output != "-" {
      throw ValidationError("--all goes without --project, --format, --output and --folder")
    }
    if all == nil, secrets { throw ValidationError("--secrets goes with --all") }
    if folder == nil, inlineBodies { throw ValidationError("--inline-bodies goes with --folder") }
  }

  func run() throws {
    let logger = logs.start()
    try failing {
      if let all { return try database.withStore(logger: logger) { try backUp($0, to: all) } }
      try database.withStore(logger: logger) { store in
        let label = try project.map { try People.project($0, store) } ?? Self.onlyProject(store)
        guard let content = try store.wait({ store.readProject(label.id, $0) }) else {
          throw ProjectFileError(description: "the project '\(label.name)' is gone")
        }
        if let folder { try write(content, into: OutputFolder(path: folder)) } else { try write(content) }
      }
    }
  }

  private func backUp(_ store: Store, to path: String) throws {
    var folder = try BackupFolder(creating: path)
    let manifest = try store.backUp(withSecrets: secrets, to: &folder)
    try folder.finish(manifest)
    Progress.end()
    for project in manifest.projects {
      guard let problem = project.problem else { continue }
      report("'\(project.name)' is in the backup, but not as a file of its own: \(problem)")
    }
    if json { return announce(manifest.json.text) }
    report("backed up \(manifest.projects.count) projects and \(manifest.documents) documents as of \(manifest.madeAt)")
  }

  private static func onlyProject(_ store: Store) throws -> ProjectLabel {
    let projects = try store.wait { store.readProjectLabels($0) }
    guard let project = projects.first else { throw ProjectFileError(description: "there are no projects") }
    guard projects.count == 1 else {
      let names = projects.map { "'\($0.name)'" }.joined(separator: ", ")
      throw ProjectFileError(description: "say which project with --project: \(names)")
    }
    return project
  }

  // MARK: Writing

  private func write(_ project: ProjectContent) throws {
    let text = try Self.telling(project) { () throws(FileProblems) in
      try ProjectExport(project).text(as: format ?? .json)
    }
    guard output != "-" else { return announce(text.hasSuffix("\n") ? String(text.dropLast()) : text) }
    try OutputFolder.replace(output, with: Array(text.utf8))
    tell(project, [output], unchanged: 0)
  }

  private func write(_ project: ProjectContent, into folder: OutputFolder) throws {
    let stem = "openfn-\(project.id)"
    let layout = ProjectLayout(
      specPath: "\(stem)-spec.yaml", statePath: "\(stem)-state.json", bodyFolder: inlineBodies ? nil : "workflows")
    var files = try Self.telling(project) { () throws(FileProblems) in
      try ProjectExport(project).files(as: format ?? .v1, layout: layout)
    }
    let config: JSONValue = ["specPath": .string(layout.specPath), "statePath": .string("\(stem)-state.json")]
    files["\(stem)-config.json"] = Array((config.text + "\n").utf8)
    var written: [String] = []
    for (done, (name, bytes)) in files.sorted(by: { $0.key < $1.key }).enumerated() {
      if try folder.write(bytes, to: name) { written.append("\(folder.path)/\(name)") }
      Progress.show("\(done + 1) of \(files.count) files")
    }
    Progress.end()
    tell(project, written, unchanged: files.count - written.count)
  }

  private func tell(_ project: ProjectContent, _ written: [String], unchanged: Int) {
    let workflows = project.workflows.count { $0.deletedAt == nil }
    if json {
      announce(
        JSONValue.object([
          "project": .string(project.id), "workflows": JSONValue(workflows),
          "written": .array(written.map(JSONValue.string)),
          "unchanged": JSONValue(unchanged),
        ]).text)
    } else {
      let same = unchanged > 0 ? ", \(unchanged) as they were" : ""
      report(
        "exported '\(project.name)', \(workflows) workflows: \(written.count) \(written.count == 1 ? "file" : "files") written\(same)"
      )
    }
  }

  private static func telling<Result>(
    _ project: ProjectContent, _ body: () throws(FileProblems) -> Result
  ) throws(ProjectFileError) -> Result {
    do {
      return try body()
    } catch {
      throw ProjectFileError(description: "'\(project.name)' cannot be exported:\n\(error)")
    }
  }
}

extension ProjectFormat: ExpressibleByArgument {}
