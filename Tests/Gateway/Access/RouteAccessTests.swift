import Foundation
import Logging
import Storage
import TestSupport
import Testing
import Tokens
import Workflow

@testable import Gateway

/// Who may call which route: everybody with every route.
@Suite struct RouteAccessTests {
  /// A request, and what has to be allowed to whoever makes it; nil for what everybody may do.
  struct Sample: Sendable {
    let pattern: String
    let verb: Verb?
    let make: @Sendable (AccessSite) throws -> (path: String, body: JSONValue?)

    init(_ pattern: String, _ verb: Verb?, _ body: JSONValue? = nil) {
      self.init(pattern, verb) { _ in
        let path = pattern.replacing(":number", with: "1").replacing(":conflict", with: "12-1")
        let id =
          pattern.contains("/provision") || pattern.contains("/projects") ? SampleProject.id : SampleProject.workflow
        return (path.replacing(":id", with: id), body)
      }
    }

    init(
      _ pattern: String, _ verb: Verb?,
      make: @escaping @Sendable (AccessSite) throws -> (path: String, body: JSONValue?)
    ) {
      self.pattern = pattern
      self.verb = verb
      self.make = make
    }

    var method: String { String(pattern.split(separator: " ")[0]) }
  }

  private static let project: JSONValue = ["id": .string(SampleProject.id), "name": "sample"]

  static let samples = [
    Sample("GET /", nil),
    Sample("GET /assets/:name", nil),
    Sample("GET /healthz", nil),
    Sample("GET /readyz", nil),
    Sample("GET /metrics", .operate),
    Sample("POST /api/projects/:id/workflows", .edit),
    Sample("POST /api/projects/:id/workflow-name", .edit, ["name": "Intake"]),
    Sample("GET /api/projects/:id/sandboxes", .read),
    Sample("POST /api/projects/:id/sandboxes", .sandbox, ["name": "trial"]),
    Sample("POST /api/projects/:id/merge", .merge, ["source": .string(SampleProject.id)]),
    Sample("GET /api/rooms", .operate),
    Sample("GET /api/nodes", .operate),
    Sample("GET /api/reconciliations", .operate),
    Sample("GET /api/differences", .operate),
    Sample("GET /api/workflows/:id/record", .operate),
    Sample("GET /api/workflows/:id", .read),
    Sample("GET /api/workflows/:id/access", .read),
    Sample("PATCH /api/workflows/:id", .edit),
    Sample("GET /api/workflows/:id/changes", .read),
    Sample("POST /api/workflows/:id/save", .save),
    Sample("POST /api/workflows/:id/reset", .reset),
    Sample("GET /api/workflows/:id/versions", .read),
    Sample("GET /api/workflows/:id/versions/:version", .read),
    Sample("GET /api/workflows/:id/versions/:version/compare/:other", .read),
    Sample("POST /api/workflows/:id/versions/:version/restore", .decide),
    Sample("GET /api/workflows/:id/conflicts", .read),
    Sample("POST /api/workflows/:id/conflicts/resolve", .decide, ["keep": "live"]),
    Sample("POST /api/workflows/:id/conflicts/:conflict/resolve", .decide, ["keep": "live"]),
    Sample("GET /api/workflows/:id/reconciliations", .read),
    Sample("POST /api/workflows/:id/reconciliations/:number/revert", .decide),
    Sample("GET /api/workflows/:id/blame", .read),
    Sample("GET /api/workflows/:id/branches", .read),
    Sample("GET /api/workflows/:id/branches/:number", .read),
    Sample("POST /api/workflows/:id/branches/:number/merge", .decide),
    Sample("POST /api/workflows/:id/branches/:number/discard", .decide),
    Sample("POST /api/workflows/:id/renew", .renew),
    Sample("POST /api/workflows/:id/save-and-sync", .save, ["commit_message": "Save"]),
    Sample("GET /api/projects/:id/repository", .read),
    Sample("GET /api/projects/:id/repository/syncs", .read),
    Sample("PUT /api/projects/:id/repository", .connectRepository, ["url": "ssh://git@localhost/a.git"]),
    Sample("POST /api/projects/:id/repository/secret", .connectRepository),
    Sample("POST /api/projects/:id/repository/sync", .sync),
    Sample("DELETE /api/projects/:id/repository", .connectRepository) { site in
      // Somebody before has ended it.
      try site.psql.run(
        """
        insert into project_repo_connections (project_id, repo, branch, tokens_not_before)
          values ('\(SampleProject.id)', 'a/b', 'main', '-infinity') on conflict do nothing
        """)
      return ("/api/projects/\(SampleProject.id)/repository", nil)
    },
    Sample("POST /api/tokens", .connect),
    Sample("GET /api/provision/:id", .export),
    Sample("GET /api/provision/:id.yaml", .export),
    Sample("GET /api/provision/yaml", .export) { _ in ("/api/provision/yaml?id=\(SampleProject.id)", nil) },
    Sample("POST /api/provision", .importing, project),
    Sample("POST /api/provision", .createProject) { _ in
      ("/api/provision", ["id": .string(Store.newTokenID()), "name": "new"])
    },
    Sample("POST /api/provision", .plan) { _ in ("/api/provision?plan=1", project) },
    Sample("POST /api/provision", .importing) { site in
      let plan = try site.request("POST", "/api/provision?plan=1", project, as: .owner).json["plan"]?.string ?? ""
      return ("/api/provision?plan=\(plan)", nil)
    },
    Sample("POST /api/provision", .importing) { _ in ("/api/provision?if_editing=refuse", project) },
    Sample("POST /hooks/imported", .notify, ["workflow_ids": [.string(SampleProject.workflow)]]),
  ]

  /// Everybody may ask for the list of projects, and gets his own, and who he is himself. A hook shows who it is in another way
  /// (`HookTests`).
  private static let filtered: Set = ["GET /api/projects", "GET /api/me", "POST /hooks/git/:id"]

  @Test func everybodySeesTheProjectsThatAreForThem() throws {
    let site = try AccessSite()
    defer { site.stop() }
    for person in Person.allCases {
      let answer = try site.request("GET", "/api/projects", as: person)
      let ids = (answer.json["data"]?.array ?? []).compactMap { $0["id"]?.string }
      let expected =
        person == .otherRepository ? [Person.otherProject] : person.capacity.may(.read) ? [SampleProject.id] : []
      #expect(answer.status == 200 && ids == expected, "\(person): \(answer.text)")
    }
    #expect(try site.request("GET", "/api/projects").status == 401)
    #expect(try site.request("GET", "/api/projects", token: "nonsense").status == 401)
    let revoked = try site.token(.owner, id: "revoked")
    try site.store.wait { site.store.revokeToken("revoked", until: 4_000_000_000, $0) }
    #expect(try site.request("GET", "/api/projects", token: revoked).status == 401)
  }

  @Test func everyRouteIsInTheTable() {
    let routes = Set(Routes().table.routes.map { "\($0.method) /\($0.segments.joined(separator: "/"))" })
    #expect(routes == Set(Self.samples.map(\.pattern)).union(Self.filtered))
  }

  @Test func everybodyMayCallWhatTheirRoleAllows() throws {
    let site = try AccessSite()
    defer { site.stop() }
    for sample in Self.samples {
      for person in Person.allCases {
        let (path, body) = try sample.make(site)
        let target = path.split(separator: " ").last.map(String.init) ?? path
        let answer = try site.request(sample.method, target, body, as: person)
        let isAllowed = sample.verb.map(person.capacity.may) ?? true
        let isLetIn = answer.status != 401 && answer.status != 403
        #expect(isLetIn == isAllowed, "\(person) \(sample.pattern): \(answer.status) \(answer.text)")
        #expect(isLetIn || (answer.status == 403 && answer.json["type"] == "unauthorized"))
      }
    }
  }

  @Test func nobodyGetsInWithoutAGoodToken() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let revoked = try site.token(.owner, id: "revoked")
    try site.store.wait { site.store.revokeToken("revoked", until: 4_000_000_000, $0) }
    let stranger = try TokenIssuer(secret: [UInt8](repeating: 1, count: 32)).issue(
      to: Person.owner.subject, id: "1", lifetime: .seconds(60), now: TimeOfDay.now)
    let unknown = try site.issuer.issue(to: .user("who"), id: "1", lifetime: .seconds(60), now: TimeOfDay.now)
    let old = try site.issuer.issue(
      to: Person.owner.subject, id: "1", lifetime: .seconds(60), now: TimeOfDay.now - 3_600_000)
    let bad = [nil, "", "nonsense", revoked, stranger.text, unknown.text, old.text]
    for sample in Self.samples {
      let (path, body) = try sample.make(site)
      let target = path.split(separator: " ").last.map(String.init) ?? path
      for token in bad {
        let answer = try site.request(sample.method, target, body, token: token)
        guard sample.verb != nil else {
          #expect(answer.status != 401, "\(sample.pattern)")
          continue
        }
        #expect(answer.status == 401, "\(sample.pattern): \(answer.status) \(answer.text)")
        #expect(answer.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
        #expect(answer.json["type"] == "unauthenticated")
      }
    }
    for token in [revoked, stranger.text, old.text] { #expect(!site.log.text.contains(token)) }
    #expect(site.log.text.contains("access refused"), "refusals are logged")
  }

  @Test func whatIsNotThereLooksLikeWhatIsNotForOne() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let there = try site.request("GET", "/api/workflows/\(SampleProject.workflow)", as: .nobody)
    let gone = try site.request("GET", "/api/workflows/\(Store.newTokenID())", as: .nobody)
    #expect(there.status == 403 && gone.status == 403 && there.body == gone.body)
    #expect(try site.request("GET", "/api/workflows/nonsense", as: .nobody).status == 404)
  }

  @Test func whoMakesAProjectOwnsIt() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let id = Store.newTokenID()
    let project: JSONValue = ["id": .string(id), "name": "mine"]
    #expect(try site.request("POST", "/api/provision", project, as: .owner).status == 403)
    #expect(try site.request("POST", "/api/provision", project, as: .superuser).status == 201)
    #expect(try site.request("POST", "/api/provision", project, as: .superuser).status == 201, "as its owner")
    #expect(try site.request("POST", "/api/provision", project, as: .superEditor).status == 403)
    #expect(try site.request("GET", "/api/provision/\(id)", as: .owner).status == 403)
  }

  @Test func whatIsDoneIsDoneInTheNameOfTheCaller() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let body: JSONValue = [
      "id": .string(SampleProject.id), "name": "sample",
      "workflows": [["id": .string(SampleProject.workflow), "name": "Renamed"]],
    ]
    #expect(try site.request("POST", "/api/provision", body, as: .repository).status == 201)
    #expect(try site.request("POST", "/api/workflows/\(SampleProject.workflow)/renew", as: .owner).status == 200)
    let audit = try site.psql.run(
      "select actor_type, actor_name from project_audit where event = 'workflow_imported' order by id")
    #expect(audit == [["repository", "a/b"]])
    #expect(try site.request("POST", "/api/provision", project("Again"), as: .admin).status == 201)
    let last = try site.psql.run("select actor_type, actor_id, actor_name from project_audit order by id desc limit 1")
    #expect(last == [["user", Person.admin.id, "admin"]])
  }

  private func project(_ name: String) -> JSONValue {
    [
      "id": .string(SampleProject.id), "name": "sample",
      "workflows": [["id": .string(SampleProject.workflow), "name": .string(name)]],
    ]
  }

  @Test func allWorkflowsOfANoticeHaveToBeOnesOwn() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let body: JSONValue = ["workflow_ids": [.string(SampleProject.workflow), .string(Store.newTokenID())]]
    #expect(try site.request("POST", "/hooks/imported", body, as: .owner).status == 403)
  }

  @Test func aConnectionTokenOpensConnectionsOnly() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let answer = try site.request("POST", "/api/tokens", as: .owner)
    #expect(answer.status == 201 && answer.headers["cache-control"] == "no-store")
    let token = try #require(answer.json["token"]?.string)
    let lifetime = try #require(answer.json["expires_at"]?.integer) - Int(TimeOfDay.now / 1000)
    #expect((290...300).contains(lifetime))
    for (method, path) in [("GET", "/api/workflows/\(SampleProject.workflow)"), ("POST", "/api/tokens")] {
      #expect(try site.request(method, path, token: token).status == 403)
    }
  }

  @Test func pagesFromElsewhereChangeNothing() throws {
    let site = try AccessSite(origins: .only(["https://editor.example.com"]))
    defer { site.stop() }
    let token = try site.token(.owner)
    let save = "/api/workflows/\(SampleProject.workflow)/save"
    for (origin, status) in [
      ("https://evil.example.com", 403), ("null", 403), ("https://editor.example.com.evil.com", 403),
      ("http://editor.example.com", 403), ("https://editor.example.com", 200),
    ] {
      let answer = try site.request("POST", save, token: token, headers: ["Origin: \(origin)"])
      #expect(answer.status == status, "\(origin)")
    }
    #expect(try site.request("POST", save, token: token).status == 200, "a client that is no browser")
    let read = try site.request(
      "GET", "/api/workflows/\(SampleProject.workflow)", token: token, headers: ["Origin: https://evil.example.com"])
    #expect(read.status == 200, "reading is left to the browser, which shows the page nothing")
  }

  @Test func onlyOriginsAreOrigins() {
    for text in ["https://a.example.com", "http://127.0.0.1:4400", "http://[::1]:3000", "https://a:8443"] {
      #expect(OriginPolicy.isOrigin(text), "\(text)")
    }
    for text in [
      "a.example.com", "https://", "https://a/", "https://A.example.com", "ftp://a", "https://a:443", "http://a:80",
      "null", "*", "https://u@a",
    ] {
      #expect(!OriginPolicy.isOrigin(text), "\(text)")
    }
  }
}
