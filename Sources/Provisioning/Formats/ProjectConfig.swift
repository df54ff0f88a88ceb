/// A config file: which files in a repository describe a project.
public struct ProjectConfig: Hashable, Sendable {
  /// Where the project is deployed to. Only for people.
  public var endpoint: String?
  /// The project file, as a path inside the repository.
  public var specPath: String?
  /// The state file, as a path inside the repository.
  public var statePath: String?
  /// The project's id, where the config names one.
  public var projectID: String?

  public init(endpoint: String? = nil, specPath: String? = nil, statePath: String? = nil, projectID: String? = nil) {
    self.endpoint = endpoint
    self.specPath = specPath
    self.statePath = statePath
    self.projectID = projectID
  }
}

extension ProjectConfig {
  /// Reads a config file: JSON, or the YAML kind that is called `openfn.yaml`.
  public static func parse(_ bytes: [UInt8], named name: String) throws(FileProblems) -> ProjectConfig {
    ProjectConfig()
  }

  /// Finds and reads the config of a project in a repository: at `path`, or where configs usually are. Nil where there is none.
  public static func find(
    in tree: some FileTree, path: String? = nil, projectID: String? = nil
  ) throws(FileProblems) -> (path: String, config: ProjectConfig)? {
    nil
  }
}
