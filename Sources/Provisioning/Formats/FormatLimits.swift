/// What a project file may take. All of it is far beyond what projects have; files that are made to harm meet it early.
public struct FormatLimits: Hashable, Sendable {
  /// Bytes of the project file.
  public var bytes = 16 << 20
  /// How deep lists and maps may be nested.
  public var depth = 96
  /// Scalars, lists and maps of a file, those included that stand for an alias.
  public var nodes = 1 << 20
  /// Bytes of text that aliases stand for.
  public var aliasBytes = 4 << 20
  /// Files with bodies of jobs.
  public var files = 20_000
  /// Bytes of a file with the body of a job.
  public var fileBytes = 4 << 20
  /// Bytes of all these files.
  public var totalFileBytes = 64 << 20
  /// Problems of which an error tells.
  public var problems = 200

  public init() {}
}
