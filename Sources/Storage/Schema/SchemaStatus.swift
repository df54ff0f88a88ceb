/// Where a database's schema is, seen by a binary that can work with it.
public struct SchemaStatus: Hashable, Sendable {
  /// The newest migration that the binary knows.
  public var newest: Int
  /// Those of its migrations that the database lacks.
  public var missing: [Int] = []
  /// What a newer Heddle has added, and this one works with.
  public var ahead: [Int] = []

  /// Whether the database has just what the binary knows.
  public var isUpToDate: Bool { missing.isEmpty && ahead.isEmpty }
}
