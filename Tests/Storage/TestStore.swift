import Glibc
import TestSupport

@testable import Storage

/// What the tests of this folder share.
enum TestStore {
  static func connection(_ address: String) throws -> PostgresConnection {
    let connection = PostgresConnection(conninfo: address, name: "test")
    try connection.connect()
    return connection
  }

  /// A new database with the schema.
  static func migrated() throws -> String {
    let address = try TestPostgres.makeDatabase()
    _ = try Migrator(connection: connection(address)).migrate()
    return address
  }

  static func files(in directory: String) -> [String] {
    guard let handle = opendir(directory) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      names.append(withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) })
    }
    return names
  }
}
