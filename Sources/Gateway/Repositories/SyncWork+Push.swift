import Provisioning
import Storage
import Workflow

extension SyncWork {
  /// Brings what people have saved into the repository, on top of what that has: where there is something new it is pulled
  /// first, and where somebody else was faster it is begun anew.
  func push(_ repository: GitRepository) throws(SyncFailure) -> SyncResult {
    var last = lastCommit
    for _ in 0..<max(1, configuration.pushAttempts) {
      let (parent, pulled) = try catchUp(repository, after: last)
      if let pulled { last = pulled.commit }
      if let result = try pushOnce(repository, onto: parent, hasProject: pulled != nil, last: last) { return result }
      syncer.onProgress("somebody else has pushed in the meantime; beginning anew")
    }
    throw SyncFailure(
      "push_race", "others pushed \(configuration.pushAttempts) times while this was to be pushed", isTemporary: true)
  }

  /// Pulls what is new. The commit to go on from is nil in an empty repository; the pull is nil where there is no project yet
  /// that could be pulled.
  private func catchUp(
    _ repository: GitRepository, after last: String?
  ) throws(SyncFailure) -> (parent: GitObjectID?, pulled: SyncResult?) {
    guard let last else { return (try firstParent(repository), nil) }
    let pulled = try pull(repository, after: last)
    return (pulled.commit.flatMap { GitObjectID($0) }, pulled)
  }

  /// What a first commit with the project goes on from; nil in an empty repository. Who has a project there already has to look
  /// at it first.
  private func firstParent(_ repository: GitRepository) throws(SyncFailure) -> GitObjectID? {
    let head: GitCommit
    do {
      head = try repository.fetch(connection.branch)
    } catch  where error.kind == .empty {
      return nil
    } catch {
      throw SyncFailure(error)
    }
    let tree = try git { () throws(GitError) in try repository.tree(at: head.id) }
    do {
      _ = try ProjectPlace.find(in: RecordingTree(tree), connection, configuration.formats)
    } catch  where error.kind == ProjectPlace.missing {
      return head.id
    }
    throw .neverSynced
  }

  /// Nil where somebody else was faster.
  private func pushOnce(
    _ repository: GitRepository, onto parent: GitObjectID?, hasProject: Bool, last: String?
  ) throws(SyncFailure) -> SyncResult? {
    let known = try stored { store.readSyncBase(connection.id, $0) }
    let project = try stored { store.readProject(connection.projectID, $0) }
    guard let project else { throw SyncFailure(importing: RepositoryError.projectGone) }
    var committed: CommittedProject?
    if hasProject, let parent {
      let tree = try git { () throws(GitError) in try repository.tree(at: parent) }
      committed = try CommittedProject(tree, connection, configuration.formats)
    }
    let export = RepositoryExport(project, committed, connection, known: known)
    let files = try export.files()
    guard !files.isEmpty else { return SyncResult(.upToDate, commit: last) }
    let message = request.message ?? Self.message(export.changes)
    syncer.onProgress("committing \(files.count) \(files.count == 1 ? "file" : "files")")
    let author = try author()
    let commit = try git { () throws(GitError) in
      try repository.commit(
        files: files, onto: parent, author: author, committer: configuration.committer, message: message)
    }
    guard try push(commit, in: repository) else { return nil }
    return try note(commit, export, repository, replacing: known, last: last)
  }

  /// False where the branch has moved on.
  private func push(_ commit: GitObjectID, in repository: GitRepository) throws(SyncFailure) -> Bool {
    syncer.onProgress("pushing \(commit.abbreviated) to \(connection.branch)")
    do {
      try repository.push(commit, to: connection.branch)
      return true
    } catch  where error.kind == .rejected {
      return false
    } catch {
      throw SyncFailure(error)
    }
  }

  /// Where this is not done any more, the next pull finds that the repository has what the rows have.
  private func note(
    _ commit: GitObjectID, _ export: RepositoryExport, _ repository: GitRepository, replacing known: SyncBase,
    last: String?
  ) throws(SyncFailure) -> SyncResult {
    let tree = try git { () throws(GitError) in try repository.tree(at: commit) }
    let digest = try CommittedProject(tree, connection, configuration.formats).digest
    let changes = export.changes
    let point = SyncPoint(
      commit: commit.description, format: export.format.rawValue, base: export.base(digest: digest))
    let entry = entry(.push, changes, from: last, to: commit.description)
    try stored { store.noteSynced(claim.lease, point, replacing: known, entry: entry, outcome: .changed, $0) }
    return SyncResult(.pushed, commit: commit.description, changes: changes)
  }

  // MARK: What a commit says

  /// Who wants it; where that is nobody with an account, the servers' own name.
  private func author() throws(SyncFailure) -> GitPerson {
    let actor = request.actor
    guard actor.type == Actor.userType, let id = actor.id else { return configuration.committer }
    let users = try stored { store.readUsers(id: id, $0) }
    guard let user = users.first else { return configuration.committer }
    return GitPerson(name: actor.name ?? user.email, email: user.email)
  }

  /// How many workflows a message names that nobody wrote.
  private static let namedWorkflows = 5

  private static func message(_ changes: [JSONValue]) -> String {
    let names = changes.compactMap { $0["name"]?.string }
    guard !names.isEmpty else { return "Write the project down" }
    let more = names.count > namedWorkflows ? " and \(names.count - namedWorkflows) more" : ""
    return "Change \(names.prefix(namedWorkflows).joined(separator: ", "))\(more)"
  }
}
