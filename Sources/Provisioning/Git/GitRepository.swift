/// A copy of a remote repository in a folder of ours, kept and used through the system's git.
///
/// All calls block until git is done, which takes up to the limits' timeouts, and are for threads that may. Calls of other
/// threads and processes for the same folder wait for each other.
public struct GitRepository: Sendable {
  public let url: GitURL
  /// The folder, which nobody else uses. It is made when it isn't there.
  public let folder: String
  public let limits: GitLimits
  let processes: GitProcesses

  public init(url: GitURL, folder: String, limits: GitLimits = GitLimits(), processes: GitProcesses = GitProcesses()) {
    self.url = url
    self.folder = folder
    self.limits = limits
    self.processes = processes
  }

  /// Brings what the remote's branch has now, and returns its last commit. A branch that was rewritten is followed:
  /// what was its last commit is then no ancestor of the new one.
  public func fetch(_ branch: String) throws(GitError) -> GitCommit {
    throw GitError(.failed, "not there yet")
  }

  /// A commit that was fetched, or made here.
  public func commit(_ id: GitObjectID) throws(GitError) -> GitCommit {
    throw GitError(.failed, "not there yet")
  }

  /// The files of a commit.
  public func tree(at commit: GitObjectID) throws(GitError) -> GitTree {
    throw GitError(.failed, "not there yet")
  }

  /// The commits of the line that leads to `end`, oldest first: those that `start` has not, or all.
  public func commits(from start: GitObjectID?, to end: GitObjectID) throws(GitError) -> [GitCommit] {
    throw GitError(.failed, "not there yet")
  }

  /// The paths of the files in which two commits differ, sorted; from nil, all files of `end`.
  public func changedPaths(from start: GitObjectID?, to end: GitObjectID) throws(GitError) -> [String] {
    throw GitError(.failed, "not there yet")
  }

  /// Whether `commit` follows on `ancestor`, or is it. A commit that isn't there any more is nobody's ancestor.
  public func isAncestor(_ ancestor: GitObjectID, of commit: GitObjectID) throws(GitError) -> Bool {
    throw GitError(.failed, "not there yet")
  }

  /// Makes a commit of `parent` (nil: the first one) with these files changed: their new bytes, or nil for a file that is
  /// to go. Where that changes nothing, it is `parent` itself. The remote hears of it by a push.
  public func commit(
    files: [String: [UInt8]?], onto parent: GitObjectID?, author: GitPerson, committer: GitPerson? = nil,
    message: String
  ) throws(GitError) -> GitObjectID {
    throw GitError(.failed, "not there yet")
  }

  /// Makes a commit the remote branch's last one, if the branch is still where the last fetch saw it.
  ///
  /// Throws `.rejected` where it has moved on: fetch, merge, commit and push again. It is never forced.
  public func push(_ commit: GitObjectID, to branch: String) throws(GitError) {
    throw GitError(.failed, "not there yet")
  }
}
