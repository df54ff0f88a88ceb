/// Which of its histories a database is in. A standby that takes over begins a new one, as does a restored backup.
enum Timeline {
  /// Its number; nil where it is not known, as with services that are like Postgres but keep no log of that kind.
  static func read(_ connection: PostgresConnection) throws(PostgresError) -> String? {
    do throws(PostgresError) {
      let rows = try connection.execute(.timeline)
      return rows.isEmpty ? nil : rows.optionalText(0, 0)
    } catch {
      guard !error.connectionLost else { throw error }
      return nil
    }
  }
}

extension Statement {
  /// The first eight digits of a file of the log.
  fileprivate static let timeline = Statement(
    "timeline",
    "select case when pg_is_in_recovery() then null else left(pg_walfile_name(pg_current_wal_lsn()), 8) end")
}
