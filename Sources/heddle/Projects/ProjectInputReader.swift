import Provisioning

/// Reads project files, and what belongs to them, for people: what is wrong is said with the path that they know.
struct ProjectInputReader {
  let limits: FormatLimits

  /// A config file that says where the project file is.
  struct Config {
    var specPath: String
    var statePath: String?
  }

  func folder(_ path: String) -> LocalFolder {
    LocalFolder(path, limit: max(limits.bytes, limits.fileBytes))
  }

  func file(_ bytes: [UInt8], _ name: String, _ tree: LocalFolder?) throws -> ProjectFile {
    try Self.telling { () throws(FileProblems) in
      try ProjectFile.parse(bytes, named: name, in: tree, limits: limits)
    }
  }

  // MARK: Config files

  func config(in tree: LocalFolder) throws -> Config {
    let place = try Self.configPath(in: tree.path)
    let found = try Self.telling { () throws(FileProblems) in
      try ProjectConfig.find(in: tree, path: place, limits: limits)
    }
    guard let (path, config) = found else { throw Self.noConfig(tree.path) }
    guard let specPath = config.specPath else {
      throw ProjectFileError(description: "\(tree.path)/\(path) does not say where the project file is (specPath)")
    }
    return Config(specPath: specPath, statePath: config.statePath)
  }

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

  // MARK: State files

  /// A state file that was named on the command line.
  func state(_ path: String) throws -> ProjectState {
    let (folder, name) = Self.split(path)
    return try state(try contents(of: name, in: self.folder(folder), shown: path), path)
  }

  /// The one that a config file names; it may not be there yet.
  func state(_ name: String, in tree: LocalFolder) throws -> ProjectState? {
    do {
      return try state(try tree.contents(of: name), name)
    } catch FileTreeError.missing {
      return nil
    } catch let error as FileTreeError {
      throw ProjectFileError(description: "\(tree.path)/\(name): \(error)")
    }
  }

  private func state(_ bytes: [UInt8], _ name: String) throws -> ProjectState {
    try Self.telling { () throws(FileProblems) in try ProjectState.parse(bytes, named: name, limits: limits) }
  }

  // MARK: Files

  func contents(of name: String, in tree: LocalFolder, shown: String? = nil) throws -> [UInt8] {
    do {
      return try tree.contents(of: name)
    } catch {
      throw ProjectFileError(description: "\(shown ?? "\(tree.path)/\(name)"): \(error)")
    }
  }

  static func split(_ path: String) -> (folder: String, name: String) {
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
