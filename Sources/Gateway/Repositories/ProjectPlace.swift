import Provisioning
import Storage
import Workflow

/// Where the files of a project lie in its repository.
struct ProjectPlace: Hashable, Sendable {
  /// Nil where no config says where the others are.
  var configPath: String?
  var specPath: String
  /// Nil where the repository keeps no ids.
  var statePath: String?

  /// Names that the project file may have at the top of a repository without a config file.
  static func specNames(_ projectID: String) -> [String] {
    ["openfn-\(projectID)-spec.yaml", "project.yaml", "project.yml", "spec.yaml", "project.json"]
  }

  /// Where a project is written that its repository has not yet.
  init(newFor connection: RepositoryConnection) {
    let id = connection.projectID
    configPath = connection.configPath ?? "openfn-\(id)-config.json"
    specPath = "openfn-\(id)-spec.yaml"
    statePath = "openfn-\(id)-state.json"
  }

  init(configPath: String?, specPath: String, statePath: String?) {
    self.configPath = configPath
    self.specPath = specPath
    self.statePath = statePath
  }

  /// Looks for the config file, and without one for a single project file at the top.
  static func find(
    in tree: RecordingTree, _ connection: RepositoryConnection, _ limits: FormatLimits
  ) throws(SyncFailure) -> ProjectPlace {
    do {
      if let path = connection.configPath, try tree.bytesIfThere(of: path) == nil {
        throw SyncFailure("no_config", "there is no config file \(path) in the branch \(connection.branch)")
      }
      let found = try ProjectConfig.find(
        in: tree, path: connection.configPath, projectID: connection.projectID, limits: limits)
      if let (path, config) = found, let specPath = config.specPath {
        return ProjectPlace(configPath: path, specPath: specPath, statePath: config.statePath)
      }
      if let path = connection.configPath {
        throw SyncFailure("no_config", "\(path) does not say where the project file is (specPath)")
      }
      let names = Self.specNames(connection.projectID)
      let present = try names.filter { name throws(FileProblems) in try tree.bytesIfThere(of: name) != nil }
      guard present.count == 1 else { throw Self.failure(present, names, connection) }
      let statePath = "openfn-\(connection.projectID)-state.json"
      let hasState = try tree.bytesIfThere(of: statePath) != nil
      return ProjectPlace(configPath: found?.path, specPath: present[0], statePath: hasState ? statePath : nil)
    } catch let failure as SyncFailure {
      throw failure
    } catch {
      throw SyncFailure(importing: error)
    }
  }

  /// What is said where nothing is found.
  static let missing = "no_project"

  private static func failure(
    _ present: [String], _ names: [String], _ connection: RepositoryConnection
  ) -> SyncFailure {
    if present.isEmpty {
      return SyncFailure(
        missing,
        "the branch \(connection.branch) has no project: there is no openfn-\(connection.projectID)-config.json, no "
          + "openfn.yaml, and none of \(names.joined(separator: ", "))")
    }
    return SyncFailure(
      "ambiguous",
      "the branch \(connection.branch) has several project files (\(present.joined(separator: ", "))) and no config that "
        + "says which one is meant")
  }

  /// The config file that says so, as JSON.
  var config: String {
    let members: [(String, String?)] = [("specPath", specPath), ("statePath", statePath)]
    let lines = members.compactMap { key, value in
      value.map { "  \(JSONValue.string(key).text): \(JSONValue.string($0).text)" }
    }
    return "{\n\(lines.joined(separator: ",\n"))\n}\n"
  }
}
