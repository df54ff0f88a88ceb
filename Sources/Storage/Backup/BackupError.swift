/// Why a backup cannot be restored. Nothing of it is, then.
public enum BackupError: Error, Hashable, Sendable, CustomStringConvertible {
  /// It was made by a newer Heddle.
  case newer(schema: Int, binary: Int)
  /// It is so old that the schema of today does not take it.
  case tooOld(schema: Int, migration: Int)
  /// There is something in the database.
  case notEmpty(table: String)
  /// The schema has no such table, or it lacks columns.
  case unknown(table: String, columns: [String])
  /// The database took another number of rows than there were.
  case rows(table: String, expected: Int, found: Int)

  public var description: String {
    switch self {
    case .newer(let schema, let binary):
      "the backup is of schema \(schema), this Heddle knows them up to \(binary): restore it with the Heddle that made it, or "
        + "a newer one"
    case .tooOld(let schema, let migration):
      "the backup is of schema \(schema), which migration \(migration) has replaced: restore it with the Heddle that made "
        + "it, and upgrade then"
    case .notEmpty(let table):
      "the database is not empty: there are rows in '\(table)'. Restore into a new one; what is there is never mixed with a backup"
    case .unknown(let table, let columns):
      columns.isEmpty
        ? "this Heddle has no table '\(table)'"
        : "this Heddle's table '\(table)' has no \(columns.map { "'\($0)'" }.joined(separator: ", "))"
    case .rows(let table, let expected, let found):
      "'\(table)' should have \(expected) rows and has \(found): the backup is not what was written"
    }
  }
}
