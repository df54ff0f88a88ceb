import Gateway
import Glibc
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
  init(_ path: String, state statePath: String? = nil) throws {
    self.path = path
    if path == "-" {
      file = try Self.parse(try FileBytes.standardInput(), "standard input", nil)
      state = try statePath.map(Self.state)
    } else if FileBytes.isFolder(path) {
      let tree = LocalFolder(path)
      let place = try Self.configPath(in: path)
      let found = try Self.telling { () throws(FileProblems) in try ProjectConfig.find(in: tree, path: place) }
      guard let (configPath, config) = found else { throw Self.noConfig(path) }
      guard let spec = config.specPath else {
        throw ProjectFileError(description: "\(path)/\(configPath) does not say where the project file is (specPath)")
      }
      file = try Self.parse(try Self.contents(of: spec, in: tree), spec, tree)
      let beside = try config.statePath.flatMap { name in
        try Self.optionalContents(of: name, in: tree).map { (name, $0) }
      }
      state =
        try statePath.map(Self.state)
        ?? beside.map { name, bytes in
          try Self.telling { () throws(FileProblems) in try ProjectState.parse(bytes, named: name) }
        }
    } else {
      let (folder, name) = Self.split(path)
      let tree = LocalFolder(folder)
      file = try Self.parse(try Self.contents(of: name, in: tree, shown: path), name, tree)
      state = try statePath.map(Self.state)
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

  // MARK: Reading

  /// The config file of a folder that is called after its project; nil where there is none of these.
  private static func configPath(in folder: String) throws -> String? {
    let names = FileBytes.names(in: folder).filter { $0.hasPrefix("openfn-") && $0.hasSuffix("-config.json") }.sorted()
    guard names.count < 2 else {
      throw ProjectFileError(
        description: "\(folder) has several projects (\(names.joined(separator: ", "))): name the project file of one")
    }
    return names.first
  }

  private static func noConfig(_ folder: String) -> ProjectFileError {
    ProjectFileError(
      description: "\(folder) is a folder without a config file (openfn.yaml, or openfn-<project>-config.json)")
  }

  private static func parse(_ bytes: [UInt8], _ name: String, _ tree: LocalFolder?) throws -> ProjectFile {
    try telling { () throws(FileProblems) in try ProjectFile.parse(bytes, named: name, in: tree) }
  }

  private static func state(_ path: String) throws -> ProjectState {
    let (folder, name) = split(path)
    let bytes = try contents(of: name, in: LocalFolder(folder), shown: path)
    return try telling { () throws(FileProblems) in try ProjectState.parse(bytes, named: path) }
  }

  private static func contents(of name: String, in tree: LocalFolder, shown: String? = nil) throws -> [UInt8] {
    do {
      return try tree.contents(of: name)
    } catch {
      throw ProjectFileError(description: "\(shown ?? "\(tree.path)/\(name)"): \(error)")
    }
  }

  private static func optionalContents(of name: String, in tree: LocalFolder) throws -> [UInt8]? {
    do {
      return try tree.contents(of: name)
    } catch .missing {
      return nil
    } catch {
      throw ProjectFileError(description: "\(tree.path)/\(name): \(error)")
    }
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }

  /// What is wrong with a file, for people.
  private static func telling<Result>(_ body: () throws(FileProblems) -> Result) throws(ProjectFileError) -> Result {
    do {
      return try body()
    } catch {
      throw ProjectFileError(description: "nothing was imported:\n\(error)")
    }
  }
}

/// Bytes of what is not a file inside a folder.
enum FileBytes {
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// What a folder has in it; nothing where it cannot be read.
  static func names(in folder: String) -> [String] {
    guard let entries = opendir(folder) else { return [] }
    defer { closedir(entries) }
    var names: [String] = []
    while let entry = readdir(entries) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
        })
    }
    return names
  }

  /// A whole file, or standard input for "-".
  static func contents(of path: String) throws -> [UInt8] {
    guard path != "-" else { return try standardInput() }
    guard let file = fopen(path, "r") else {
      throw ProjectFileError(description: "\(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    guard ferror(file) == 0 else { throw ProjectFileError(description: "\(path) cannot be read") }
    return bytes
  }

  /// All of it, up to what a project file may have.
  static func standardInput() throws -> [UInt8] {
    let limit = FormatLimits().bytes
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw ProjectFileError(description: "standard input: \(String(cString: strerror(errno)))")
      }
      bytes += chunk[..<count]
    }
    throw ProjectFileError(description: "standard input has more than \(limit) bytes")
  }
}
