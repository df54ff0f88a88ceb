import Foundation
import Glibc
import TestSupport
import Testing
import Workflow

extension Interop {
  /// A cluster is upgraded server by server while people edit. The newer Heddle is this one with migrations that are yet to come.
  @Suite struct RollingUpgradeTests {
    /// What a later Heddle might add to tables that servers write all the time.
    private static let migration = """
      -- A later Heddle's.
      -- works with: 14
      create table document_moods (workflow_id uuid primary key, mood text not null default 'calm');
      alter table documents add column mood text not null default 'calm', add column weight integer;
      alter table document_updates add column weight integer;
      create function heddle_mood() returns trigger language plpgsql set search_path from current as $$
      begin
        insert into document_moods (workflow_id) values (new.workflow_id) on conflict do nothing;
        return null;
      end $$;
      create trigger z_mood after insert on document_updates for each row execute function heddle_mood();
      """

    private static func folder(_ sql: String) throws -> URL {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-sql-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try sql.write(to: folder.appendingPathComponent("9001_later.sql"), atomically: true, encoding: .utf8)
      return folder
    }

    @Test func aClusterIsUpgradedUnderLiveClients() async throws {
      let (database, folder) = (try TestPostgres.makeDatabase(), try Self.folder(Self.migration))
      let older = ["--database-url", database]
      let newer = older + ["--further-migrations", folder.path]
      var (first, second) = (try await HeddleServer(arguments: older), try await HeddleServer(arguments: older))
      let (one, two) = (
        try await SampleWorkflow.imported(into: first), try await SampleWorkflow.imported(into: second)
      )
      let node = try await ScriptedClient.joined(.node, one, on: first)
      let python = try await ScriptedClient.joined(.python, two, on: second)
      let ledger = LedgerMember(prefix: "ledger", clientID: 4_000_000_777)
      let counted = try await SampleWorkflow.imported(into: second)
      try ledger.connect(port: second.port, document: counted.document)

      // The first one goes and comes back newer. Somebody reads for long, so that its migration does not get its locks at once.
      try await node.edit(.type("<before>", into: one.body, at: 0))
      try await node.acknowledge()
      let reader = try PlainConnection(database)
      try reader.run("begin; select count(*) from document_updates")
      #expect(try await first.terminate() == 0)
      try await node.edit(.type("<meanwhile>", into: one.body, at: 0))
      let port = first.port
      async let restarted = HeddleServer(arguments: newer, port: port)
      // The second one works on, before its migration, while that waits, and after it.
      for _ in 0..<40 {
        try ledger.write()
        try ledger.awaitAcknowledgements(open: 2)
      }
      try reader.run("commit")
      first = try await restarted
      #expect(try PlainConnection(database).value("select max(number) from heddle_migrations") == "9001")
      try await python.edit(.type("<old server>", into: two.body, at: 0))
      try await python.acknowledge()
      for _ in 0..<40 { try ledger.write() }
      try ledger.awaitAcknowledgements(open: 0)
      try await node.wait(.synced(), limit: .seconds(30))

      // An import through the newer one reaches the older one's clients; the older one saves, and may be started again.
      try await two.importProject(two.project(secondBody: "imported();\n"), into: first)
      try await python.wait(.value(at: two.secondBody, is: "imported();\n"))
      let three = try await SampleWorkflow.imported(into: second)
      let writer = try await ScriptedClient.joined(.node, three, on: second)
      try await writer.edit(.type("<saved>", into: three.body, at: 0))
      try await writer.acknowledge()
      try await three.post("save", on: second)
      try await writer.stop()
      #expect(try await second.refusedUpdates() == 0)
      #expect(try await second.terminate() == 0)
      second = try await HeddleServer(arguments: older, port: second.port)
      #expect(try second.log().contains("a newer Heddle migrated the database"))
      try await python.wait(.synced(), limit: .seconds(30))
      ledger.disconnect()
      try ledger.connect(port: second.port, document: counted.document)
      try ledger.write()
      try ledger.awaitAcknowledgements(open: 0)

      // Then the second one.
      #expect(try await second.terminate() == 0)
      try await python.edit(.type("<meanwhile>", into: two.body, at: 0))
      second = try await HeddleServer(arguments: newer, port: second.port)
      try await python.wait(.synced(), limit: .seconds(30))
      ledger.disconnect()
      try ledger.connect(port: second.port, document: counted.document)

      try await expectConvergence([node], on: first, one)
      try await expectConvergence([python], on: second, two)
      #expect(try await node.value(at: one.body) == .string("<meanwhile><before>" + SampleWorkflow.firstBody))
      #expect(try await python.value(at: two.body) == .string("<meanwhile><old server>" + SampleWorkflow.firstBody))
      let fresh = LedgerMember(prefix: "fresh", clientID: 4_000_000_778)
      try fresh.connect(port: second.port, document: counted.document)
      #expect(ledger.acknowledged == 81)
      #expect(ledger.missing(in: fresh.doc) == [])
      for client in [node, python] {
        #expect(try await client.summary()["denied"]?.integer ?? 0 == 0, "\(client.kind)")
        try await one.expectNothingDoubled(client)
        try await client.stop()
      }
      for server in [first, second] {
        #expect(try await server.refusedUpdates() == 0)
        try await server.stop()
      }
      try FileManager.default.removeItem(at: folder)
    }

    /// Its migration stands behind that of another, which does not come to an end.
    @Test func aServerWhoseMigrationWaitsSaysSoAndEndsWhenItIsAskedTo() async throws {
      let database = try TestPostgres.makeDatabase()
      let other = try PlainConnection(database)
      try other.run("select pg_advisory_lock(\(0x4865_6464_6c65))")
      let log = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: log) }
      let process = try LineProcess(
        HeddleServer.executable, ["serve", "--listen", "127.0.0.1:0", "--database-url", database], standardError: log)
      try await until("it says what it waits for") {
        try String(contentsOf: log, encoding: .utf8).contains("another Heddle that migrates this database")
      }
      process.signal(SIGTERM)
      #expect(try await process.waitForExit() == -SIGTERM)
    }

    @Test func aCheckSaysWhatIsToDo() async throws {
      let (database, folder) = (try TestPostgres.makeDatabase(), try Self.folder(Self.migration))
      func migrate(_ arguments: String...) async throws -> (exit: Int32, output: String) {
        let process = try LineProcess(
          HeddleServer.executable, ["migrate", "--database-url", database] + arguments,
          standardError: folder.appendingPathComponent("errors"))
        let (exit, lines) = try await process.waitForEnd()
        return (exit, lines.joined(separator: "\n"))
      }
      let empty = try await migrate("--check")
      #expect(empty.exit == 2 && empty.output.contains("[1, 2, 3,"), "\(empty.output)")
      #expect(try await migrate("--further-migrations", folder.path).exit == 0)
      let ahead = try await migrate("--check")
      #expect(ahead.exit == 0 && ahead.output.contains("[9001]"), "\(ahead.output)")
      try PlainConnection(database).run("update heddle_migrations set works_with = null where number = 9001")
      #expect(try await migrate("--check").exit == 1)
      let errors = try String(contentsOf: folder.appendingPathComponent("errors"), encoding: .utf8)
      #expect(errors.contains("use the newer Heddle"), "\(errors)")
      try FileManager.default.removeItem(at: folder)
    }
  }
}

extension HeddleServer {
  /// How many edits it did not take.
  func refusedUpdates() async throws -> Int? {
    let (_, page) = try await request("GET", "/metrics")
    let line = page.string?.split(separator: "\n").first { $0.hasPrefix("heddle_updates_rejected_total ") }
    return line?.split(separator: " ").last.flatMap { Int($0) }
  }
}
