import Workflow

// Blocking, like migrations: each has a connection of its own, and the store need not be started.
extension Store {
  /// Writes down everything that is kept, as it is at one moment, while servers go on working. Secrets that tokens are signed
  /// with are in it where they are wanted.
  public func backUp(withSecrets: Bool = false, to sink: inout some BackupSink) throws -> BackupManifest {
    let connection = try backupConnection()
    defer { connection.close() }
    return try BackupTransaction(connection: connection, withSecrets: withSecrets).run(&sink)
  }

  /// Writes a backup into a database that has the schema and nothing in it. Documents are what they were: their histories go
  /// on, so that clients which come back with edits that the backup lacks merge them.
  public func restore(
    _ manifest: BackupManifest, from source: inout some BackupSource, progress: (String) -> Void = { _ in }
  ) throws {
    let connection = try backupConnection()
    defer { connection.close() }
    try withoutActuallyEscaping(progress) { progress in
      try RestoreTransaction(
        connection: connection, manifest: manifest, migrations: Migration.all, progress: progress
      ).run(&source)
    }
  }

  private func backupConnection() throws(PostgresError) -> PostgresConnection {
    let connection = PostgresConnection(
      conninfo: configuration.conninfo, name: "heddle backup", sessionCommands: BackupTransaction.sessionCommands)
    try connection.connect()
    return connection
  }
}
