/// Why git could not do something.
public struct GitError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong.
  public let kind: Kind
  /// What that means, and what to do about it, for people.
  public let message: String
  /// What git said, without secrets and shortened; empty if it said nothing.
  public let output: String

  public init(_ kind: Kind, _ message: String, output: String = "") {
    self.kind = kind
    self.message = message
    self.output = output
  }

  public var description: String { output.isEmpty ? message : "\(message)\ngit said: \(output)" }

  /// What goes wrong with git; the raw value is for statuses and metrics.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The machine or the path isn't there, or does not answer.
    case unreachable
    /// Its certificate, or its ssh host key, is not the one that is known.
    case untrusted
    /// It does not let us in.
    case credentials
    /// There is no repository at the place.
    case noRepository = "no_repository"
    /// The repository has no commits yet.
    case empty
    /// The repository has no such branch.
    case noBranch = "no_branch"
    /// There is no such commit.
    case noCommit = "no_commit"
    /// The branch has moved on: what it has now has to be merged first.
    case rejected
    /// The remote does not take the commits, for a reason of its own: a hook, a protected branch.
    case declined
    /// The disk is full.
    case diskFull = "disk_full"
    /// A limit of ours is reached.
    case tooLarge = "too_large"
    /// It took too long.
    case timedOut = "timed_out"
    /// Something killed git.
    case killed
    /// The server is ending.
    case stopped
    /// The copy, or the remote, has broken objects.
    case damaged
    /// What was asked for can't be done: a path that may not be written.
    case invalid
    /// There is no git on this machine.
    case noGit = "no_git"
    /// Anything else.
    case failed
  }

  /// Whether the same may work later without anybody doing something.
  public var isTemporary: Bool {
    switch kind {
    case .unreachable, .diskFull, .timedOut, .killed, .stopped, .damaged, .rejected, .failed: true
    case .untrusted, .credentials, .noRepository, .empty, .noBranch, .noCommit, .declined, .tooLarge, .invalid, .noGit:
      false
    }
  }
}
