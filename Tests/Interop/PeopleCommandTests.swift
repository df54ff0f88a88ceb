import Foundation
import TestSupport
import Testing
import Workflow

/// `heddle user`, `heddle member` and `heddle repo`, and what those who are connected notice of them.
@Suite struct PeopleCommandTests {
  private struct Answer {
    var exit: Int32
    var lines: [String]
    var errors: String

    var json: JSONValue { lines.last.flatMap { try? JSONValue(parsing: $0) } ?? .null }
  }

  /// A server that wants tokens, on a database with the sample project, and the command line beside it.
  private struct Office {
    let database: String
    let server: HeddleServer

    /// Runs a command on the database.
    func run(_ arguments: String...) async throws -> Answer { try await run(arguments) }

    func run(_ arguments: [String]) async throws -> Answer {
      let log = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-\(UUID().uuidString).log")
      defer { try? FileManager.default.removeItem(at: log) }
      let process = try LineProcess(
        HeddleServer.executable, arguments + ["--database-url", database], standardError: log)
      let (exit, lines) = try await process.waitForEnd()
      return Answer(
        exit: exit, lines: lines, errors: try String(contentsOf: log, encoding: .utf8))
    }

    func token(_ owner: String...) async throws -> String {
      let process = try LineProcess(
        HeddleServer.executable, ["token", "issue", "--database-url", database] + owner)
      return try await process.progress.wait(for: "a token") { $0.lines.first }
    }

    func client(_ token: String) async throws -> ScriptedClient {
      let client = try ScriptedClient(.node)
      try await client.open(server.collab, "workflow:\(SampleProject.workflow)", token: token)
      return client
    }
  }

  private static func withOffice(_ body: (Office) async throws -> Void) async throws {
    let database = try TestPostgres.makeDatabase()
    let server = try await HeddleServer(
      arguments: ["--database-url", database, "--require-tokens", "--access-grace", "500ms"])
    try PlainConnection(database).run(SampleProject.sql)
    try await body(Office(database: database, server: server))
    try await server.stop()
  }

  @Test func whoIsConnectedFeelsEachChangeAtOnce() async throws {
    try await Self.withOffice { office in
      #expect(try await office.run("user", "add", "ada@example.com", "--first-name", "Ada").exit == 0)
      #expect(
        try await office.run("member", "add", "ada@example.com", "--project", "sample", "--role", "editor").exit == 0)
      let ada = try await office.client(try await office.token("ada@example.com"))
      try await ada.wait(.synced())
      try await ada.acknowledge()
      #expect(
        try await office.run("member", "change", "ADA@example.com", "--project", "Sample", "--role", "viewer").exit == 0
      )
      try await ada.wait(.denied(1))
      #expect(try await office.run("user", "disable", "ada@example.com").exit == 0)
      try await ada.wait(.denied(2))
      try await ada.wait(.closes(1))
      #expect(try await ada.summary()["closes"]?.array?.first?["code"] == 4401)
      try await ada.stop()
      #expect(try await office.run("token", "revoke", "ada@example.com").exit == 0)
      let refused = try await office.run("token", "issue", "ada@example.com")
      #expect(refused.exit == 1 && refused.errors.contains("disabled"), "\(refused)")

      #expect(try await office.run("user", "enable", "ada@example.com").exit == 0)
      let again = try await office.client(try await office.token("ada@example.com"))
      try await again.wait(.synced())
      #expect(try await office.run("member", "remove", "ada@example.com", "--project", SampleProject.id).exit == 0)
      try await again.wait(.denied(1))
      try await again.wait(.closes(1))
      #expect(try await again.summary()["closes"]?.array?.first?["code"] == 4403)
      try await again.stop()
    }
  }

  @Test func theCommandsListWhatTheyDid() async throws {
    try await Self.withOffice { office in
      let added = try await office.run(
        "user", "add", "grace@example.com", "--last-name", "Hopper", "--subject", "idp|7", "--superuser", "--json")
      let id = try #require(added.json["id"]?.string)
      #expect(added.json["is_superuser"] == true && added.json["subject"] == "idp|7")
      #expect(try await office.run("user", "change", "idp|7", "--no-superuser", "--first-name", "Grace").exit == 0)
      _ = try await office.run("member", "add", id, "--project", "sample", "--role", "owner")
      let users = try await office.run("user", "list", "--json")
      #expect(
        users.json == [
          [
            "id": .string(id), "email": "grace@example.com", "first_name": "Grace", "last_name": "Hopper",
            "subject": "idp|7", "is_superuser": false, "is_disabled": false,
          ]
        ])
      let members = try await office.run("member", "list", "--user", "grace@example.com", "--json")
      #expect(
        members.json == [
          [
            "project_id": .string(SampleProject.id), "project": "sample", "user_id": .string(id),
            "email": "grace@example.com", "role": "owner",
          ]
        ])
      let last = try await office.run("member", "remove", id, "--project", "sample")
      #expect(last.errors.contains("no owner any more"), "\(last)")
      #expect(try await office.run("member", "list", "--project", "sample", "--json").json == [])
    }
  }

  @Test func aRepositoryMayImportWhileItIsConnected() async throws {
    try await Self.withOffice { office in
      #expect(try await office.run("repo", "add", "--name", "a/b", "--project", "sample").exit == 0)
      let second = try await office.run("repo", "add", "--name", "c/d", "--project", "sample")
      #expect(second.exit == 1 && second.errors.contains("project already has a repo connection"))
      let list = try await office.run("repo", "list", "--json")
      #expect(list.json.array?.first?["name"] == "a/b" && list.json.array?.first?["branch"] == "main")
      let repository = try await office.client(try await office.token("--repository", SampleProject.id))
      try await repository.wait(.synced())
      #expect(try await office.run("repo", "remove", "--project", "sample").exit == 0)
      try await repository.wait(.denied(1))
      try await repository.stop()
      #expect(try await office.run("repo", "remove", "--project", "sample").exit == 1)
    }
  }

  @Test func aRepositoryHasASecretThatIsShownOnce() async throws {
    try await Self.withOffice { office in
      let added = try await office.run(
        "repo", "add", "--url", "ssh://git@localhost/team/clinic.git", "--project", "sample", "--branch", "live",
        "--config", "deploy/config.json", "--pull-only", "--json")
      let secret = try #require(added.json["secret"]?.string)
      #expect(added.exit == 0 && secret.utf8.count == 64 && added.json["name"] == "team/clinic")
      let shown = try await office.run("repo", "show", "--project", "sample", "--json")
      #expect(shown.json["secret"] == nil && shown.json["url"] == "ssh://git@localhost/team/clinic.git")
      #expect(shown.json["direction"] == "pull" && shown.json["config_path"] == "deploy/config.json")
      #expect(shown.json["status"] != nil && shown.json["syncs"]?.array != nil)
      let renewed = try await office.run("repo", "secret", "--project", "sample", "--json")
      #expect(renewed.json["secret"]?.string != secret && renewed.json["id"] == shown.json["id"])
    }
  }

  @Test func whatIsWrongIsSaidWithWhatWouldBeRight() async throws {
    try await Self.withOffice { office in
      _ = try await office.run("user", "add", "ada@example.com")
      let cases: [(arguments: [String], exit: Int32, why: String)] = [
        (["user", "add", "ada"], 64, "no e-mail address"),
        (["user", "add", "ADA@example.com"], 1, "already"),
        (["user", "change", "ada@example.com"], 64, "what is to change"),
        (["user", "disable", "adda@example.com"], 1, "did you mean 'ada@example.com'?"),
        (["member", "add", "ada@example.com", "--project", "sampel", "--role", "editor"], 1, "did you mean 'sample'?"),
        (["member", "add", "ada@example.com", "--project", "sample", "--role", "boss"], 64, "viewer, editor, admin"),
        (["member", "change", "ada@example.com", "--project", "sample", "--role", "owner"], 1, "is no member"),
        (["member", "remove", "ada@example.com", "--project", "sample"], 1, "is no member of 'sample'"),
        (["repo", "remove", "--project", "nowhere"], 1, "there is no project 'nowhere'"),
        (["repo", "show", "--project", "sample"], 1, "'heddle repo add' connects one"),
        (["repo", "add", "--project", "sample"], 64, "--url"),
        (["repo", "add", "--project", "sample", "--url", "https://u:secret@localhost/x"], 64, "credential helper"),
        (["repo", "add", "--project", "sample", "--url", "/x", "--branch", "a..b"], 64, "is no name of a branch"),
        (["repo", "add", "--project", "sample", "--url", "/x", "--config", "../x"], 64, "is no path of a file"),
        (["sync", "--project", "sample"], 1, "'heddle repo add' connects one"),
        (["sync", "--push", "--plan"], 64, "--push excludes"),
      ]
      for (arguments, exit, why) in cases {
        let process = try await office.run(arguments)
        #expect(process.exit == exit && process.errors.contains(why), "\(arguments): \(process)")
      }
      _ = try await office.run("member", "add", "ada@example.com", "--project", "sample", "--role", "editor")
      let twice = try await office.run("member", "add", "ada@example.com", "--project", "sample", "--role", "owner")
      #expect(twice.exit == 1 && twice.errors.contains("is editor of 'sample' already"), "\(twice)")
      #expect(try await office.run("member", "list", "--json").json.array?.first?["role"] == "editor")
    }
  }
}
