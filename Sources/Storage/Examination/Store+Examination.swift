extension Store {
  /// Looks whether the database is as servers need it. Blocks; writes nothing, and needs no started store. A database that
  /// cannot be reached is a finding, too.
  public func examine() -> [Finding] {
    let connection = PostgresConnection(
      conninfo: configuration.conninfo, name: "heddle doctor", sessionCommands: ["set timezone = 'UTC'"])
    do {
      try connection.connect()
    } catch {
      return [
        Finding(
          "database", .failure, "cannot be reached: \(error)",
          advice: "see that Postgres runs, that --database-url is right, and that pg_hba.conf lets this machine in")
      ]
    }
    defer { connection.close() }
    do {
      return try DatabaseExamination(
        connection: connection, configuration: configuration, migrations: Migration.all
      ).findings()
    } catch {
      return [Finding("database", .failure, "cannot be examined: \(error)", advice: "see Postgres' log")]
    }
  }
}
