/// What a repository may take.
public struct GitLimits: Hashable, Sendable {
  /// How long a fetch or a push may take.
  public var transferTimeout: Duration
  /// How long anything else may take, which is all on this machine.
  public var commandTimeout: Duration
  /// How long git has to end by itself when it is stopped, before it is killed.
  public var terminationGrace: Duration
  /// How long to wait while another process, or thread, has the copy.
  public var lockTimeout: Duration
  /// Bytes that the copy of a repository may have on disk.
  public var maximumCopyBytes: Int
  /// Bytes of one file. Larger ones are not fetched where the remote can leave them out.
  public var maximumFileBytes: Int
  /// Files and folders that a commit may have.
  public var maximumTreeEntries: Int
  /// Bytes of all files that one tree keeps in memory.
  public var maximumReadBytes: Int
  /// Commits that are looked at between two.
  public var maximumCommits: Int

  public init(
    transferTimeout: Duration = .seconds(120), commandTimeout: Duration = .seconds(30),
    terminationGrace: Duration = .seconds(2), lockTimeout: Duration = .seconds(150),
    maximumCopyBytes: Int = 512 << 20, maximumFileBytes: Int = 4 << 20, maximumTreeEntries: Int = 100_000,
    maximumReadBytes: Int = 64 << 20, maximumCommits: Int = 10_000
  ) {
    self.transferTimeout = transferTimeout
    self.commandTimeout = commandTimeout
    self.terminationGrace = terminationGrace
    self.lockTimeout = lockTimeout
    self.maximumCopyBytes = maximumCopyBytes
    self.maximumFileBytes = maximumFileBytes
    self.maximumTreeEntries = maximumTreeEntries
    self.maximumReadBytes = maximumReadBytes
    self.maximumCommits = maximumCommits
  }
}
