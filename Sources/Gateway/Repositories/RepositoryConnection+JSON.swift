public import Storage
public import Workflow

extension RepositoryConnection {
  /// The connection as it goes over HTTP.
  public var json: JSONValue {
    [
      "id": .string(id), "project_id": .string(projectID), "project": JSONValue(projectName), "name": .string(name),
      "url": JSONValue(url), "branch": .string(branch), "config_path": JSONValue(configPath),
      "direction": .string(isPullOnly ? "pull" : "both"), "hook": JSONValue(url == nil ? nil : "/hooks/git/\(id)"),
      "status": .string(state.status.rawValue), "synced_commit": JSONValue(state.syncedCommit),
      "synced_at": JSONValue(state.syncedAt), "checked_at": JSONValue(state.checkedAt),
      "format": JSONValue(state.format), "failure": state.failure?.json ?? .null,
    ]
  }
}

extension RepositoryState.Failure {
  fileprivate var json: JSONValue {
    [
      "kind": .string(kind), "message": .string(text), "since": .string(since), "attempts": JSONValue(attempts),
      "next_attempt_at": JSONValue(nextAttemptAt),
    ]
  }
}

extension SyncRecord {
  /// The sync as it goes over HTTP.
  public var json: JSONValue {
    [
      "number": .number(Double(number)), "direction": .string(request.direction.rawValue),
      "cause": .string(request.cause.rawValue), "actor": request.actor.json, "commit_from": JSONValue(commitFrom),
      "commit_to": JSONValue(commitTo), "started_at": .string(startedAt),
      "milliseconds": .number(Double(milliseconds)), "outcome": .string(outcome.rawValue),
      "error": error.map { ["kind": JSONValue(errorKind), "message": .string($0)] } ?? .null, "workflows": changes,
    ]
  }
}
