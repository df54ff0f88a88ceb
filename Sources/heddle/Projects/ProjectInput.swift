import Gateway
import Provisioning
import Storage
import Workflow

/// A project file of the command line, in whichever format, with the state file that goes with it.
struct ProjectInput {
  /// As it was named on the command line.
  let path: String
  let file: ProjectFile
  let state: ProjectState?

  /// Reads a file, "-" for standard input, or a folder that has a config file. Bodies of jobs are looked up beside it.
  init(_ path: String, state statePath: String? = nil, limits: FormatLimits) throws {
    self.path = path
    let reader = ProjectInputReader(limits: limits)
    if path == "-" {
      file = try reader.file(try FileBytes.standardInput(limit: limits.bytes), "standard input", nil)
      state = try statePath.map { try reader.state($0) }
    } else if FileBytes.isFolder(path) {
      let tree = reader.folder(path)
      let config = try reader.config(in: tree)
      file = try reader.file(try reader.contents(of: config.specPath, in: tree), config.specPath, tree)
      state =
        try statePath.map { try reader.state($0) } ?? config.statePath.flatMap { try reader.state($0, in: tree) }
    } else {
      let (folder, name) = ProjectInputReader.split(path)
      let tree = reader.folder(folder)
      file = try reader.file(try reader.contents(of: name, in: tree, shown: path), name, tree)
      state = try statePath.map { try reader.state($0) }
    }
  }

  /// The import of it. Without `project` the file or the state say which project it is, else the one of that name is meant, and
  /// where there is none a new one is made.
  func importing(into project: String?, _ store: Store) throws -> ProjectImport {
    if let project { return ProjectImport(file: file, state: state, projectID: try People.project(project, store).id) }
    let document = ProjectImport(file: file, state: state)
    guard document.projectID == nil, case .specification(let specification) = file.content else { return document }
    if file.isSingleWorkflow {
      throw ProjectFileError(
        description: "\(path) is a workflow without a project: say with --project which one it is for")
    }
    let named = try store.wait { store.readProjectLabels($0) }.filter { $0.name == specification.name }
    guard named.count < 2 else {
      let ids = named.map(\.id).joined(separator: ", ")
      throw ProjectFileError(
        description: "there are \(named.count) projects '\(specification.name)'; say which with --project: \(ids)")
    }
    return ProjectImport(file: file, state: state, projectID: named.first?.id ?? ProjectImport.newID())
  }
}
