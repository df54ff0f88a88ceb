import Foundation
import TestSupport
import Testing

/// `heddle compact` on the command line.
@Suite struct CompactCommandTests {
  private static let sample = "6f1c2a10-5b1e-4c54-9a3e-0d8f5f0a0101"
  private static let audit = "insert into project_audit (project_id, event, actor_type, inserted_at)"

  /// Ten versions and three entries of the audit, of which some are two years old.
  private func fill(_ desk: Desk) throws -> PlainConnection {
    let psql = try PlainConnection(desk.database)
    try psql.run(
      """
      update workflows set lock_version = 10 where id = '\(Self.sample)';
      delete from workflow_snapshots;
      delete from project_audit;
      insert into workflow_snapshots (workflow_id, name, lock_version, jobs, triggers, edges, inserted_at)
      select '\(Self.sample)', 'w', n, '[]', '[]', '[]', clock_timestamp() - interval '2 years'
      from generate_series(1, 10) n;
      \(Self.audit) select gen_random_uuid(), 'saved', 'user', clock_timestamp() - interval '2 years'
      from generate_series(1, 3);
      """)
    return psql
  }

  private func versions(_ psql: PlainConnection) throws -> String? {
    try psql.value("select string_agg(lock_version::text, ' ' order by lock_version) from workflow_snapshots")
  }

  @Test func itLetsGoOfWhatThePolicyDoesNotKeep() async throws {
    try await Desk.with { desk in
      let psql = try fill(desk)
      let usual = try await desk.heddle("compact")
      #expect(usual.exit == 0, "\(usual)")
      #expect(usual.output.contains("0 saved versions and 0 entries of audits let go of"), "\(usual)")
      let flags = ["--retained-versions", "4", "--version-retention", "365d", "--project-audit-retention", "365d"]
      let checked = try await desk.heddle(["compact", "--check"] + flags)
      #expect(checked.output.contains("6 saved versions and 3 entries of audits would be let go of"), "\(checked)")
      #expect(try versions(psql) == "1 2 3 4 5 6 7 8 9 10")
      let done = try await desk.heddle(["compact", "--retention-batch", "2"] + flags)
      #expect(done.exit == 0 && done.output.contains("6 saved versions and 3 entries of audits let go of"), "\(done)")
      #expect(try versions(psql) == "7 8 9 10")
      #expect(try psql.value("select count(*) from project_audit") == "0")
    }
  }

  @Test func aServerDoesTheSameByItself() async throws {
    try await Desk.with { desk in
      let psql = try fill(desk)
      let server = try await HeddleServer(arguments: [
        "--database-url", desk.database, "--retention-interval", "1s", "--retained-versions", "3",
        "--version-retention", "365d", "--project-audit-retention", "365d",
      ])
      try await until("it has let go of what the policy does not keep") {
        try versions(psql) == "8 9 10" && psql.value("select count(*) from project_audit") == "0"
      }
      try await server.stop()
    }
  }

  /// A schema that is older is told, and not brought up to date by somebody who only wants to know.
  @Test func aCheckWritesNothingNotEvenTheSchema() async throws {
    try await Desk.with { desk in
      let psql = try PlainConnection(desk.database)
      let newest = try psql.value("select max(number)::text from heddle_migrations") ?? ""
      try psql.run("delete from heddle_migrations where number = \(newest)")
      let answer = try await desk.heddle("compact", "--check")
      #expect(answer.exit == 1 && answer.errors.contains("lacks migrations [\(newest)]"), "\(answer)")
      #expect(answer.errors.contains("heddle migrate"))
      #expect(try psql.value("select max(number)::text from heddle_migrations") != newest)
    }
  }
}
