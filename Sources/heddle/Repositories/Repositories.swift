import Gateway
import Storage
import Workflow

/// Connections of repositories on the command line.
enum Repositories {
  /// The connection of the project with this id or name.
  static func connection(of project: String, _ store: Store) throws -> RepositoryConnection {
    let project = try People.project(project, store)
    guard let connection = try store.wait({ store.readRepositories(project: project.id, $0) }).first else {
      throw ProjectFileError(
        description: "no repository is connected to '\(project.name)'; 'heddle repo add' connects one")
    }
    return connection
  }

  /// A connection in some lines.
  static func text(_ connection: RepositoryConnection) -> String {
    let state = connection.state
    var lines = [
      ["project", "\(connection.projectName ?? "(gone)") (\(connection.projectID))"],
      ["repository", connection.name], ["url", connection.url ?? "none: it only has tokens"],
      ["branch", connection.branch], ["config", connection.configPath ?? "is looked for"],
      ["direction", connection.isPullOnly ? "pull only" : "both"], ["hook", "/hooks/git/\(connection.id)"],
      ["status", state.status.rawValue],
      ["synced", state.syncedCommit.map { "\($0) at \(state.syncedAt ?? "?")" } ?? "never"],
    ]
    if let failure = state.failure {
      lines.append(["failing", "since \(failure.since), \(failure.attempts) times (\(failure.kind))"])
      lines.append(["next", failure.nextAttemptAt ?? "when there is news"])
      lines += failure.text.split(separator: "\n").map { ["", String($0)] }
    }
    return TextTable.lines(lines).joined(separator: "\n")
  }
}

extension RepositoryConnection: ShownRecord {
  var columns: [String] {
    let synced = state.syncedCommit.map { "\($0.prefix(10)) \(state.syncedAt ?? "")" } ?? "never synced"
    let failure = state.failure.map { "\($0.kind) since \($0.since): \($0.text.prefix { !$0.isNewline }.prefix(100))" }
    return [
      projectName ?? "(gone)", name, branch, url == nil ? "tokens only" : state.status.rawValue, synced, projectID,
      failure ?? "",
    ]
  }
}

extension SyncRecord {
  /// The sync in a line.
  var columns: [String] {
    let names = (changes.array ?? []).map { "\($0["action"]?.string ?? "") \($0["name"]?.string ?? "")" }
    let what = error.map { String($0.prefix { !$0.isNewline }) } ?? names.joined(separator: ", ")
    return [
      startedAt, request.direction.rawValue, request.cause.rawValue, outcome.rawValue,
      commitTo.map { String($0.prefix(10)) } ?? "", "\(milliseconds) ms", request.actor.name ?? request.actor.type,
      what,
    ]
  }
}
