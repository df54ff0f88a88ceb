import Provisioning
public import Storage
public import Workflow

/// A connection that somebody wants, as it was said, before it is known whether it can be.
public struct RepositorySetup: Sendable {
  public var url: String?
  public var branch: String
  public var configPath: String?
  /// `both`, `pull`, or `deploy`: that is `pull` with a config file which has to be named.
  public var direction: String
  /// What people call it; nil: after the URL.
  public var name: String?

  public init(
    url: String?, branch: String = "main", configPath: String? = nil, direction: String = "both", name: String? = nil
  ) {
    self.url = url
    self.branch = branch
    self.configPath = configPath
    self.direction = direction
    self.name = name
  }

  /// Which folders of this machine may be connected.
  public enum LocalFolders: Sendable {
    case all
    /// Those below a folder; with nil none.
    case below(String?)
  }

  /// What is wrong, by field.
  public struct Problems: Error, Hashable, Sendable, CustomStringConvertible {
    public var fields: [String: String]

    public var description: String {
      fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
    }

    /// By field, as errors go over HTTP.
    public var json: JSONValue { .object(fields.mapValues { [.string($0)] }) }
  }

  /// The connection for a project.
  public func checked(for projectID: String, _ folders: LocalFolders) throws(Problems) -> NewRepositoryConnection {
    var problems = Problems(fields: [:])
    let place = checkURL(folders, &problems)
    if let problem = Self.problem(ofBranch: branch) { problems.fields["branch"] = problem }
    if let configPath, let problem = Self.problem(ofPath: configPath) { problems.fields["config_path"] = problem }
    if !["both", "pull", "deploy"].contains(direction) {
      problems.fields["direction"] = "is one of both, pull, deploy"
    }
    if direction == "deploy", configPath == nil {
      problems.fields["config_path"] = "you must specify a path to an existing config file"
    }
    let name = name ?? place.map(Self.name) ?? ""
    if name.allSatisfy(\.isWhitespace), problems.fields["url"] == nil { problems.fields["name"] = "can't be blank" }
    if name.unicodeScalars.count > 255 || name.utf8.contains(0) { problems.fields["name"] = "is too long" }
    guard problems.fields.isEmpty else { throw problems }
    return NewRepositoryConnection(
      projectID: projectID, name: name, url: place?.description, branch: branch, configPath: configPath,
      isPullOnly: direction != "both")
  }

  private func checkURL(_ folders: LocalFolders, _ problems: inout Problems) -> GitURL? {
    guard let url else { return nil }
    do {
      let place = try GitURL(url)
      guard case .folder(let path) = place.place, case .below(let root) = folders else { return place }
      guard let root, Self.isPath(path, below: root) else {
        problems.fields["url"] =
          "a repository on the server's own disk can be connected over HTTP only where the server allows it "
          + "(--local-repositories); 'heddle repo add' may always"
        return nil
      }
      return place
    } catch {
      problems.fields["url"] = "\(error)"
      return nil
    }
  }

  /// Whether a path leads to below a folder, links followed.
  private static func isPath(_ path: String, below root: String) -> Bool {
    guard let path = RealPath.of(path), let root = RealPath.of(root) else { return false }
    return path.hasPrefix(root == "/" ? root : root + "/")
  }

  /// `owner/name` of a URL.
  private static func name(of url: GitURL) -> String {
    let parts = url.description.split { $0 == "/" || $0 == ":" }.suffix(2)
    let name = parts.joined(separator: "/")
    return name.hasSuffix(".git") ? String(name.dropLast(4)) : name
  }

  /// As git wants the names of branches.
  private static func problem(ofBranch branch: String) -> String? {
    guard !branch.isEmpty else { return "can't be blank" }
    let parts = branch.split(separator: "/", omittingEmptySubsequences: false)
    let isWrong =
      branch.utf8.count > 255 || branch.utf8.first == UInt8(ascii: "-") || branch.contains("..")
      || branch.contains("@{")
      || branch == "@"
      || branch.unicodeScalars.contains {
        $0.value <= 0x20 || $0.value == 0x7F || "~^:?*[\\".unicodeScalars.contains($0)
      }
      || parts.contains { $0.isEmpty || $0.hasPrefix(".") || $0.hasSuffix(".lock") || $0.hasSuffix(".") }
    return isWrong ? "is no name of a branch" : nil
  }

  private static func problem(ofPath path: String) -> String? {
    guard !path.isEmpty else { return "can't be blank" }
    // By bytes, as git goes: a slash can be part of a character.
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Substring($0) }
    let isWrong =
      path.utf8.count > 1024 || path.utf8.contains { $0 < 0x20 }
      || parts.contains { ["", ".", "..", ".git"].contains($0.lowercased()) }
    return isWrong ? "is no path of a file in the repository" : nil
  }
}
