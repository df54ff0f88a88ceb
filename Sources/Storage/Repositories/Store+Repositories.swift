import Workflow

/// The git repositories that keep projects. Servers hear of each change of a connection.
extension Store {
  /// The connections of all projects by their names, or that of a project, or the one with an id.
  public func readRepositories(
    project: String? = nil, id: String? = nil, _ completion: @escaping Completion<[RepositoryConnection]>
  ) {
    read(completion) { try RepositoryRecords.read(project: project, id: id, $0) }
  }

  /// Connects a repository to a project. Nil where one is connected already.
  public func addRepository(
    _ new: NewRepositoryConnection, _ completion: @escaping Completion<RepositoryConnection?>
  ) {
    read(completion) { try RepositoryRecords.add(new, $0) }
  }

  /// Disconnects the repository of a project, whose tokens and hooks then are nobody's. False where there was none.
  public func removeRepository(of project: String, _ completion: @escaping Completion<Bool>) {
    read(completion) { try RepositoryRecords.remove(project, $0) }
  }

  /// Gives the hooks of a project's repository another secret. Nil where there is none.
  public func renewHookSecret(of project: String, _ completion: @escaping Completion<RepositoryConnection?>) {
    read(completion) { try RepositoryRecords.renewSecret(project, $0) }
  }

  /// What the servers of this database make the secrets of hooks from.
  public func hookSecret(_ completion: @escaping Completion<[UInt8]>) {
    read(completion) { try TokenRecords.secret("hooks", $0) }
  }

  /// A page of the syncs of a project, newest first: those before a number.
  public func readSyncs(
    _ projectID: String, before number: Int64 = .max, limit: Int = 50, _ completion: @escaping Completion<[SyncRecord]>
  ) {
    read(completion) { try SyncHistory.page(of: projectID, before: number, limit: limit, $0) }
  }

  /// Has a connection synced soon. False where there is none that could be.
  public func requestSync(
    _ request: SyncRequest, connectionID: String, _ completion: @escaping Completion<Bool>
  ) {
    read(completion) { try SyncQueue.request(request, connectionID: connectionID, $0) }
  }

  /// Has a connection synced because of a message, if that was not received before: false. It is remembered for `window`, and
  /// at most `limit` of them are.
  public func receiveHook(
    _ id: String, of connectionID: String, window: Duration, limit: Int, _ request: SyncRequest,
    _ completion: @escaping Completion<Bool>
  ) {
    read(completion) { connection in
      try connection.transaction {
        guard try HookDeliveries.note(id, of: connectionID, window: window, limit: limit, connection) else {
          return false
        }
        _ = try SyncQueue.request(request, connectionID: connectionID, connection)
        return true
      }
    }
  }
}
