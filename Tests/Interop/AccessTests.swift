import Foundation
import TestSupport
import Testing
import Workflow

extension Interop {
  /// Unmodified clients and the command line, where tokens are wanted.
  @Suite struct AccessTests {
    private static let user = "aaaaaaaa-0000-4000-8000-000000000001"
    private static let setUp =
      SampleProject.sql + """
        insert into users (id, email, first_name) values ('\(user)', 'ada@example.com', 'Ada');
        insert into project_memberships (project_id, user_id, role) values ('\(SampleProject.id)', '\(user)', 'editor');
        """
    private static let document = "workflow:\(SampleProject.workflow)"

    /// Runs a command on the database.
    private static func command(_ arguments: String..., on database: String) async throws -> (
      exit: Int32, output: [String]
    ) {
      let process = try LineProcess(HeddleServer.executable, arguments + ["--database-url", database])
      let (exit, lines) = try await process.waitForEnd()
      return (exit, lines)
    }

    private static func withServer(
      _ arguments: String..., body: (HeddleServer, String, PlainConnection) async throws -> Void
    ) async throws {
      let database = try TestPostgres.makeDatabase()
      #expect(try await command("migrate", on: database).exit == 0)
      let psql = try PlainConnection(database)
      try psql.run(setUp)
      let server = try await HeddleServer(arguments: ["--database-url", database, "--require-tokens"] + arguments)
      try await body(server, database, psql)
      try await server.stop()
    }

    @Test func aStockProviderIsLetInAndTurnedAwayWithoutAStorm() async throws {
      try await Self.withServer("--access-grace", "2s") { server, database, psql in
        let token = try #require(try await Self.command("token", "issue", "ada@example.com", on: database).output.last)
        let client = try ScriptedClient(.node)
        try await client.open(server.collab, Self.document, token: token)
        try await client.wait(.synced())
        try await client.acknowledge()
        // Without one, or with another one, it is told, and stays where it is: closed at once it would be back at once.
        for bad in [nil, "nonsense"] {
          let other = try ScriptedClient(.node)
          try await other.open(server.collab, Self.document, token: bad)
          try await other.wait(.denied(1))
          #expect(try await other.summary()["closes"] == [])
          try await other.wait(.closes(1))
          #expect(try await other.summary()["closes"]?.array?.first?["code"] == 4401)
          try await other.stop()
        }
        #expect(try await Self.command("token", "revoke", "ada@example.com", on: database).exit == 0)
        try await client.wait(.denied(1))
        try await client.wait(.closes(1))
        // It is back with the same token, and sits there again.
        try await client.wait(.denied(2))
        #expect(try await client.summary()["closes"]?.array?.count == 1)
        try await client.stop()
        let log = try server.log()
        #expect(log.contains("access refused") && !log.contains(token) && !log.contains("nonsense"))
      }
    }

    @Test func theCommandLineIssuesAndRevokes() async throws {
      try await Self.withServer { server, database, psql in
        try psql.run(
          "insert into project_repo_connections (project_id, repo, branch) values ('\(SampleProject.id)', 'a/b', 'main')"
        )
        for owner in [["ada@example.com"], [Self.user], ["--repository", SampleProject.id]] {
          let process = try LineProcess(
            HeddleServer.executable, ["token", "issue", "--database-url", database] + owner)
          let token = try await process.progress.wait(for: "a token") { $0.lines.first }
          #expect(try await Self.status(server, token) == 200, "\(owner)")
          #expect(try await process.waitForExit() == 0)
        }
        #expect(try await Self.status(server, nil) == 401)
        #expect(try await Self.command("token", "issue", "grace@example.com", on: database).exit == 1)
        #expect(try await Self.command("token", "revoke", on: database).exit == 64)
      }
    }

    private static func status(_ server: HeddleServer, _ token: String?) async throws -> Int {
      let port = UInt16(server.address.split(separator: ":").last ?? "") ?? 0
      let socket = try TestSocket(port: port)
      return try socket.get(
        "/api/workflows/\(SampleProject.workflow)", headers: token.map { ["Authorization: Bearer \($0)"] } ?? []
      ).status
    }

    @Test(arguments: [
      (arguments: ["--listen", "0.0.0.0:0"], why: "no authentication"),
      (["--jwks", "/nowhere.json"], "--jwt-audience"),
      (["--jwks", "http://example.com/keys", "--jwt-audience", "a"], "https"),
      (["--allowed-origins", "https://a/b"], "no origin"),
    ])
    func whatIsNotSafeIsRefused(arguments: [String], why: String) async throws {
      let log = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-\(UUID().uuidString).log")
      defer { try? FileManager.default.removeItem(at: log) }
      let process = try LineProcess(
        HeddleServer.executable, ["serve", "--data-dir", "/nowhere"] + arguments, standardError: log)
      #expect(try await process.waitForExit() == 64)
      #expect(try String(contentsOf: log, encoding: .utf8).contains(why))
    }
  }
}
