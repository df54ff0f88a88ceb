import TestSupport
import Testing

@testable import Storage

/// Records go by age, a bounded number at a time.
@Suite struct ExpiryTests {
  private static let tables = [
    "revoked_tokens", "document_remains", "document_lineages", "repo_syncs", "reconciliations",
  ]

  /// Fills tables with `count` old rows each.
  private func fill(_ psql: PlainConnection, _ count: Int) throws {
    let old = "now() - interval '2 hours' - interval '1 year'"
    let uuid = "('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid"
    try psql.run(
      """
      insert into revoked_tokens (id, expires_at) select 'token ' || n, \(old) from generate_series(1, \(count)) n;
      insert into document_remains (workflow_id, kind, sequence, data, inserted_at)
        select \(uuid), 'update', n, '', \(old) from generate_series(1, \(count)) n;
      insert into document_lineages (workflow_id, epoch, root_client_id, ended_at, content)
        select \(uuid), 1, 7, \(old), '{}' from generate_series(1, \(count)) n;
      insert into repo_syncs (project_id, connection_id, direction, cause, actor_type, started_at, finished_at, outcome)
        select \(uuid), \(uuid), 'pull', 'test', 'user', \(old), \(old), 'changed' from generate_series(1, \(count)) n;
      insert into reconciliations (workflow_id, id, kind, actor_type, from_revision, revision, lock_version,
          last_sequence, update_bytes, conflicts, number, source, inserted_at)
        select '\(SampleProject.workflow)', gen_random_uuid(), 'save', 'user', 1, 2, 3, 4, 5, 0, n, 'save', \(old)
        from generate_series(1, \(count)) n
      """)
  }

  private func left(_ table: String, _ psql: PlainConnection) throws -> Int {
    let condition = table == "document_lineages" ? " where content is not null" : ""
    return Int(try psql.value("select count(*) from \(table)\(condition)") ?? "") ?? -1
  }

  @Test func oneStepTakesABatchOfEach() throws {
    let address = try TestStore.sampleDatabase()
    let (connection, psql) = (try TestStore.connection(address), try PlainConnection(address))
    try fill(psql, 5)
    for rest in [3, 1, 0] {
      let hasMore = try Expiry.step(olderThan: .seconds(3600), batch: 2, connection) { Issue.record($0) }
      #expect(hasMore == (rest > 0))
      for table in Self.tables { #expect(try left(table, psql) == rest, "\(table)") }
    }
  }

  /// A server goes on with its next poll, and not an hour later.
  @Test func whatIsLeftGoesSoon() throws {
    let address = try TestStore.sampleDatabase()
    let psql = try PlainConnection(address)
    try fill(psql, Expiry.batch * 2 + 1)
    let store = TestStore.start(address) {
      $0.pollInterval = .milliseconds(20)
      $0.recordRetention = .seconds(3600)
    }
    defer { store.stop() }
    for table in Self.tables { try until("all of \(table) is gone") { try left(table, psql) == 0 } }
  }
}
