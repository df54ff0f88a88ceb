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
  /// The config in YAML, as it is usually called.
  public static let yamlName = "openfn.yaml"

  /// What the config in JSON of a project is usually called.
  public static func jsonName(_ projectID: String) -> String { "openfn-\(projectID)-config.json" }

  /// Reads a config file: JSON, or the YAML kind that is called `openfn.yaml`. Paths are seen from the folder of the config.
  public static func parse(
    _ bytes: [UInt8], named name: String, limits: FormatLimits = FormatLimits()
  ) throws(FileProblems) -> ProjectConfig {
    let reading = FileReading(name, nil, limits)
    let config = ProjectConfigReader(reading).config(bytes)
    guard let config, reading.problems.isEmpty else { throw reading.thrown }
    return config
  }

  /// Finds and reads the config of a project in a repository: at `path`, or where configs usually are. Nil where there is none
  /// in the usual places; none at `path` is a problem.
  public static func find(
    in tree: some FileTree, path: String? = nil, projectID: String? = nil, limits: FormatLimits = FormatLimits()
  ) throws(FileProblems) -> (path: String, config: ProjectConfig)? {
    for candidate in path.map({ [$0] }) ?? [projectID.map(jsonName), yamlName].compactMap({ $0 }) {
      let bytes: [UInt8]
      do throws(FileTreeError) {
        guard let place = TreePath.normalized(candidate) else { throw .outside }
        bytes = try tree.contents(of: place)
      } catch .missing where path == nil {
        continue
      } catch {
        throw FileProblems(FileProblem(file: candidate, message: error.description))
      }
      return (candidate, try parse(bytes, named: candidate, limits: limits))
    }
    return nil
  }
}
