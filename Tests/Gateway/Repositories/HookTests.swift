import Foundation
import Storage
import TestSupport
import Testing
import Tokens
import Workflow

@testable import Gateway

/// Messages of repositories, and the routes of connections.
@Suite struct HookTests {
  private static let body: JSONValue = ["ref": "refs/heads/main"]
  private static let path = "/api/projects/\(SampleProject.id)/repository"

  /// A server whose service does not run: what is queued stays so.
  private static func withSite(_ body: (AccessSite) throws -> Void) throws {
    let site = try AccessSite()
    defer { site.stop() }
    try site.psql.run("delete from project_repo_connections where project_id = '\(SampleProject.id)'")
    try body(site)
  }

  /// Connects a repository: the path of its hooks, and their secret.
  private static func connect(_ site: AccessSite) throws -> (hook: String, secret: String) {
    let answer = try site.request("PUT", path, ["url": "ssh://git@localhost/a/b.git"], as: .admin)
    try #require(answer.status == 201, "\(answer.text)")
    return (answer.json["data"]?["hook"]?.string ?? "", answer.json["secret"]?.string ?? "")
  }

  private static func code(_ text: String, _ secret: String) -> String {
    "sha256=" + Hexadecimal.text(MessageCode.code(Array(text.utf8), secret: Array(secret.utf8)))
  }

  /// The headers of a message that was made some seconds ago.
  private static func headers(_ body: String, _ secret: String, age: Int64 = 0) -> [String] {
    let time = TimeOfDay.now / 1000 - age
    return ["X-Heddle-Timestamp: \(time)", "X-Heddle-Signature: \(code("\(time).\(body)", secret))"]
  }

  /// The same headers with another first digit in the signature.
  private static func forged(_ headers: [String]) -> [String] {
    headers.map { header in
      guard let place = header.firstRange(of: "sha256=")?.upperBound else { return header }
      var forged = header
      forged.replaceSubrange(place...place, with: header[place] == "0" ? "1" : "0")
      return forged
    }
  }

  private static func status(_ site: AccessSite) throws -> JSONValue? {
    try site.request("GET", path, as: .viewer).json["data"]?["status"]
  }

  @Test func aSignedMessageIsQueuedOnceAndARepeatedOneIsKnown() throws {
    try Self.withSite { site in
      let (hook, secret) = try Self.connect(site)
      #expect(try Self.status(site) == "idle")
      let headers = Self.headers(Self.body.text, secret)
      let first = try site.request("POST", hook, Self.body, headers: headers)
      #expect(first.status == 202 && first.json["data"]?["status"] == "queued", "\(first.text)")
      #expect(try Self.status(site) == "queued")
      try site.psql.run("update repo_states set requested_at = null")
      let again = try site.request("POST", hook, Self.body, headers: headers)
      #expect(again.status == 200 && again.json["data"]?["status"] == "known")
      #expect(try Self.status(site) == "idle", "a repeated message does nothing")
    }
  }

  @Test func whatHostingServicesSendIsTakenAsWell() throws {
    try Self.withSite { site in
      let (hook, secret) = try Self.connect(site)
      let headers = ["X-Hub-Signature-256: \(Self.code(Self.body.text, secret))"]
      #expect(try site.request("POST", hook, Self.body, headers: headers).status == 202)
      #expect(try site.request("POST", hook, Self.body, headers: headers).status == 200)
      let other: JSONValue = ["ref": "refs/heads/other"]
      let elsewhere = try site.request(
        "POST", hook, other, headers: ["X-Hub-Signature-256: \(Self.code(other.text, secret))"])
      #expect(elsewhere.status == 200 && elsewhere.json["data"]?["status"] == "ignored")
    }
  }

  @Test func whoeverDoesNotKnowTheSecretLearnsNothing() throws {
    try Self.withSite { site in
      let (hook, secret) = try Self.connect(site)
      let wrong = String(secret.reversed())
      let unknown = "/hooks/git/\(Store.newTokenID())"
      let text = Self.body.text
      let cases: [(path: String, headers: [String])] = [
        (hook, []), (hook, Self.headers(text, wrong)), (hook, Self.headers(text + " ", secret)),
        (hook, Self.forged(Self.headers(text, secret))),
        (hook, Self.headers(text, secret, age: 400)), (hook, Self.headers(text, secret, age: -400)),
        (hook, Self.headers(text, secret, age: .max / 2)), (hook, [Self.headers(text, secret)[1]]),
        (hook, ["X-Heddle-Signature: sha256=", "X-Heddle-Timestamp: 1"]),
        (hook, ["X-Hub-Signature-256: \(Self.code(text, wrong))"]),
        (hook, Self.forged(["X-Hub-Signature-256: \(Self.code(text, secret))"])),
        (unknown, Self.headers(text, secret)), ("/hooks/git/nonsense", Self.headers(text, secret)),
      ]
      var answers: Set<String> = []
      for (path, headers) in cases {
        let answer = try site.request("POST", path, Self.body, headers: headers)
        #expect(answer.status == 401, "\(headers)")
        answers.insert(answer.text)
      }
      #expect(answers.count == 1, "all are refused alike")
      #expect(try Self.status(site) == "idle")
      #expect(try site.psql.run("select 1 from repo_deliveries").isEmpty)
    }
  }

  @Test func anotherSecretEndsTheOneBefore() throws {
    try Self.withSite { site in
      let (hook, old) = try Self.connect(site)
      let renewed = try site.request("POST", "\(Self.path)/secret", as: .owner)
      let new = try #require(renewed.json["secret"]?.string)
      #expect(renewed.status == 200 && new != old)
      #expect(try site.request("POST", hook, Self.body, headers: Self.headers(Self.body.text, old)).status == 401)
      #expect(try site.request("POST", hook, Self.body, headers: Self.headers(Self.body.text, new)).status == 202)
      let stored = try site.psql.run("select * from project_repo_connections").description
      #expect(!stored.contains(new) && !stored.contains(old), "secrets are not stored")
    }
  }

  @Test func aMessageThatIsTooLargeIsRefused() throws {
    let site = try AccessSite(gateway: {
      $0.repositories = RepositoryConfiguration(folder: "/nonexistent")
      $0.repositories?.maximumHookBytes = 10
    })
    defer { site.stop() }
    #expect(try site.request("POST", "/hooks/git/\(Store.newTokenID())", ["a": "more than ten bytes"]).status == 413)
  }

  // MARK: Connections

  /// S109.
  @Test func s109_aProjectHasOneRepository() throws {
    try Self.withSite { site in
      _ = try Self.connect(site)
      let second = try site.request("PUT", Self.path, ["url": "ssh://git@localhost/c/d.git"], as: .owner)
      #expect(second.status == 422)
      #expect(second.json["errors"] == ["project_id": ["project already has a repo connection"]])
    }
  }

  /// S111.
  @Test func s111_aDeploymentNeedsItsConfigFile() throws {
    try Self.withSite { site in
      let url: JSONValue = "ssh://git@localhost/c/d.git"
      let answer = try site.request("PUT", Self.path, ["url": url, "direction": "deploy"], as: .owner)
      #expect(answer.status == 422)
      #expect(answer.json["errors"]?["config_path"] == ["you must specify a path to an existing config file"])
      let right = try site.request(
        "PUT", Self.path, ["url": url, "direction": "deploy", "config_path": "openfn.yaml"], as: .owner)
      #expect(right.status == 201 && right.json["data"]?["direction"] == "pull")
    }
  }

  /// S112: there is nothing of ours in the repository that had to go; what is left of the connection here is gone.
  @Test func s112_aConnectionThatEndsLeavesNothingBehind() throws {
    try Self.withSite { site in
      let (hook, secret) = try Self.connect(site)
      #expect(try site.request("DELETE", Self.path, as: .admin).status == 204)
      #expect(try site.request("GET", Self.path, as: .viewer).status == 404)
      #expect(try site.request("DELETE", Self.path, as: .admin).status == 404)
      #expect(try site.request("POST", hook, Self.body, headers: Self.headers(Self.body.text, secret)).status == 401)
      for table in ["project_repo_connections", "repo_states", "repo_bases"] {
        #expect(
          try site.psql.run("select 1 from \(table) where project_id = '\(SampleProject.id)'").isEmpty, "\(table)")
      }
    }
  }

  @Test func whatIsWrongWithAConnectionIsSaidByField() throws {
    try Self.withSite { site in
      let cases: [(body: JSONValue, field: String, part: String)] = [
        (["url": "/srv/repo.git"], "url", "--local-repositories"), (["url": "file:///srv/repo.git"], "url", "--local"),
        (["url": "https://u:secret@localhost/x"], "url", "credential helper"), (["url": 7], "url", "is invalid"),
        (["url": "ext::sh -c x"], "url", "URL"), (["branch": "main"], "name", "can't be blank"),
        (["url": "ssh://h/x", "branch": "-x"], "branch", "is no name"), (["nonsense": 1], "base", "extraneous"),
        (["url": "ssh://h/x", "config_path": "/etc/passwd"], "config_path", "is no path"),
        (["url": "ssh://h/x", "direction": "push"], "direction", "is one of"),
      ]
      for (body, field, part) in cases {
        let answer = try site.request("PUT", Self.path, body, as: .owner)
        let message = answer.json["errors"]?[field]?.array?.first?.string ?? ""
        #expect(answer.status == 422 && message.contains(part), "\(body.text): \(answer.text)")
        #expect(!answer.text.contains("secret@"), "what may be secret is not repeated")
      }
      #expect(try site.request("PUT", "/api/projects/\(Store.newTokenID())/repository", [:], as: .owner).status == 403)
    }
  }

  @Test func aFolderThatTheServerAllowsMayBeConnectedOverHTTP() throws {
    let remote = try GitRemote()
    let parent = String(remote.path.dropLast("/remote.git".count))
    let site = try AccessSite(gateway: { $0.repositories = RepositoryConfiguration(folder: "\(parent)/copies") })
    defer { site.stop() }
    try site.psql.run("delete from project_repo_connections")
    let refused = try site.request("PUT", Self.path, ["url": .string(remote.path)], as: .owner)
    #expect(refused.status == 422)
    let allowed = try AccessSite(gateway: {
      $0.repositories = RepositoryConfiguration(folder: "\(parent)/copies")
      $0.repositories?.localRepositories = parent
    })
    defer { allowed.stop() }
    try allowed.psql.run("delete from project_repo_connections")
    // A folder beside it whose name begins the same.
    try FileManager.default.createDirectory(atPath: "\(parent)x", withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: "\(parent)x") }
    for path in ["/etc", "\(parent)/../../etc", "\(parent)x"] {
      #expect(try allowed.request("PUT", Self.path, ["url": .string(path)], as: .owner).status == 422, "\(path)")
    }
    #expect(try allowed.request("PUT", Self.path, ["url": .string(remote.path)], as: .owner).status == 201)
  }
}
