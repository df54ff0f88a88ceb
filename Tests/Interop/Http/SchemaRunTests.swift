import Foundation
import TestSupport
import Testing

extension Interop {
  /// Requests that are made of Protocol/http.yaml, right and wrong ones: the server answers as it says there, and never with a
  /// failure of its own. The seed is fixed, so that what fails fails again.
  @Suite struct SchemaRunTests {
    private static let seed = 20_261_122
    /// How many requests are made up for each operation, besides those that the file itself leads to.
    private static let examples = 12
    private static let checks = [
      "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
      "response_schema_conformance", "unsupported_method", "allow_header_conformance", "missing_required_header",
    ]

    private static var schema: URL { Repository.root.appendingPathComponent("Protocol/http.yaml") }

    /// Plays a schema against a server.
    private static func play(
      _ schema: URL, on server: HeddleServer, checks: [String] = checks, settings: String = "", _ arguments: String...
    ) async throws {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-schema-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let file = folder.appendingPathComponent("schemathesis.toml")
      try Data(settings.utf8).write(to: file)
      let run = try LineProcess(
        Repository.root.appendingPathComponent(".venv/bin/schemathesis").path,
        [
          "--config-file", file.path, "run", schema.path, "--url", "http://\(server.address)", "--seed", "\(seed)",
          "--max-examples", "\(examples)", "--phases", "examples,coverage,fuzzing", "--continue-on-failure",
          "--generation-database", "none", "--request-timeout", "20", "--warnings", "off", "--no-color",
          "--suppress-health-check", "all", "--checks", checks.joined(separator: ","),
        ] + arguments, directory: folder)
      let (status, output) = try await run.waitForEnd(limit: .seconds(500))
      #expect(status == 0, "\(output.suffix(120).joined(separator: "\n"))")
      #expect(output.contains { $0.contains("generated") } && !output.contains { $0.contains(" 0 generated") })
    }

    @Test func theServerAnswersAsTheSchemaSays() async throws {
      let sample = Repository.root.appendingPathComponent("Samples/sample-project.json")
      let server = try await HeddleServer(arguments: ["--sample", sample.path])
      try await Self.play(Self.schema, on: server)
      let log = try server.log()
      #expect(!log.contains("no answer in time"), "\(log.suffix(2000))")
      try await server.stop()
    }

    /// The same where tokens are wanted, for a superuser who owns the sample project, and with its ids in all paths.
    @Test func theServerAnswersSoToWhoHasAToken() async throws {
      let user = "aaaaaaaa-0000-4000-8000-000000000001"
      let database = try TestPostgres.makeDatabase()
      let migration = try LineProcess(HeddleServer.executable, ["migrate", "--database-url", database])
      #expect(try await migration.waitForExit() == 0)
      try PlainConnection(database).run(
        SampleProject.sql + """
          insert into users (id, email, is_superuser) values ('\(user)', 'ada@example.com', true);
          insert into project_memberships (project_id, user_id, role) values ('\(SampleProject.id)', '\(user)', 'owner');
          """)
      let issue = try LineProcess(
        HeddleServer.executable, ["token", "issue", "ada@example.com", "--database-url", database])
      let token = try await issue.progress.wait(for: "a token") { $0.lines.first { !$0.isEmpty } }
      let server = try await HeddleServer(arguments: ["--database-url", database, "--require-tokens"])
      // Here nobody gets in without one.
      let text = try String(contentsOf: Self.schema, encoding: .utf8).replacing(
        "  - bearer: []\n  - {}\n", with: "  - bearer: []\n")
      let schema = server.data.appendingPathExtension("yaml")
      try Data(text.utf8).write(to: schema)
      defer { try? FileManager.default.removeItem(at: schema) }
      let settings = """
        [[operations]]
        include-path-regex = "^/api/workflows/"
        parameters = { "path.id" = "\(SampleProject.workflow)" }
        [[operations]]
        include-path-regex = "^/api/(projects|provision)/"
        parameters = { "path.id" = "\(SampleProject.id)" }

        """
      try await Self.play(
        schema, on: server, checks: Self.checks + ["ignored_auth"], settings: settings, "--header",
        "Authorization: Bearer \(token)")
      try await server.stop()
    }
  }
}
