/// Why the database's schema cannot be brought to where this binary needs it.
public enum MigrationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The server is too old.
  case unsupportedServer(version: String)
  /// A newer Heddle was here, and what it did to the schema this one cannot work with.
  case databaseIsNewer(database: Int, binary: Int)
  /// A migration was edited after it was applied.
  case edited(number: Int, name: String)
  case failed(number: Int, name: String, PostgresError)
  /// The files of further migrations cannot be read.
  case unreadable(path: String)
  case database(PostgresError)

  public var description: String {
    switch self {
    case .unsupportedServer(let version):
      "the Postgres server is version \(version); Heddle needs 15 or newer"
    case .databaseIsNewer(let database, let binary):
      "the database's schema is at migration \(database), this Heddle knows them up to \(binary) and cannot work with what "
        + "came behind: use the newer Heddle that made it"
    case .edited(let number, let name):
      "migration \(number) (\(name)) was applied to this database with another content than this Heddle has: "
        + "applied migrations must not be edited; use the Heddle that applied it, or write a new migration"
    case .failed(let number, let name, let error):
      "migration \(number) (\(name)) failed and was rolled back: \(error)"
    case .unreadable(let path):
      "'\(path)' cannot be read as migrations: a folder with files like 0001_name.sql is wanted"
    case .database(let error): "the migrations cannot be applied: \(error)"
    }
  }
}
