import Storage
import TestSupport
import Testing
import Workflow

@testable import Gateway

/// The model system's scenarios 91 to 105 about who imports and what that leaves behind, as far as no other test has them. See
/// Tests/Guarantees.md.
@Suite struct ProvisionScenarioTests {
  private static let path = "/api/provision/\(SampleProject.id)"

  /// The sample project with this said of its workflow.
  private func document(_ workflow: [String: JSONValue]) -> JSONValue {
    [
      "id": .string(SampleProject.id),
      "workflows": [.object(workflow.merging(["id": .string(SampleProject.workflow)]) { $1 })],
    ]
  }

  private func members(_ site: AccessSite, of project: String) throws -> [[String?]] {
    try site.psql.run(
      "select user_id::text, role from project_memberships where project_id = '\(project)' order by 1")
  }

  private static let versions =
    "select lock_version::text from workflow_snapshots where workflow_id = '\(SampleProject.workflow)' order by lock_version"

  // MARK: What is wrong

  @Test func s91_anEmptyBodyLacksIDAndName() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let answer = try site.request("POST", "/api/provision", [:], as: .superuser)
    #expect(answer.status == 422)
    #expect(answer.json["errors"] == ["id": ["can't be blank"], "name": ["can't be blank"]])
  }

  @Test func s100_oneInvalidJobAndNothingIsWritten() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let before = try site.contents()
    let answer = try site.request(
      "POST", "/api/provision",
      document(["name": "Renamed", "jobs": [["id": .string(SampleProject.jobs[0]), "name": "a/b"]]]), as: .owner)
    #expect(answer.status == 422)
    #expect(
      answer.json["errors"]
        == ["workflows": ["Renamed": ["jobs": ["a/b": ["name": ["job name has invalid format"]]]]]])
    #expect(try site.changes(since: before) == [])
  }

  // MARK: Who may

  @Test func s94_whoMakesAProjectIsItsOwner() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let id = Store.newTokenID()
    let project: JSONValue = ["id": .string(id), "name": "mine"]
    for person in Person.allCases where person != .superuser && person != .superEditor {
      #expect(try site.request("POST", "/api/provision", project, as: person).status == 403, "\(person)")
    }
    let answer = try site.request("POST", "/api/provision", project, as: .superuser)
    #expect(answer.status == 201 && answer.headers["location"] == "/api/provision/\(id)")
    #expect(answer.json["data"]?["id"] == .string(id) && answer.json["warnings"] == [:])
    #expect(try members(site, of: id) == [[Person.superuser.id, "owner"]])
    #expect(try site.request("GET", "/api/provision/\(id)", as: .superuser).status == 200)
  }

  @Test func s95_aSecondImportMakesNobodyAMember() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let before = try members(site, of: SampleProject.id)
    for person in [Person.owner, .admin, .repository] {
      let answer = try site.request("POST", "/api/provision", document(["name": .string("By \(person)")]), as: person)
      #expect(answer.status == 201, "\(person): \(answer.text)")
    }
    #expect(try members(site, of: SampleProject.id) == before)
    // A repository never becomes one, also where nobody is.
    #expect(
      try site.request("POST", "/api/provision", ["id": .string(Person.otherProject)], as: .otherRepository).status
        == 201)
    #expect(try members(site, of: Person.otherProject) == [])
  }

  @Test func s101_aRepositoryReachesItsOwnProjectOnly() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let mine = document(["name": "Synced"])
    for query in ["", "?plan=1", "?if_editing=refuse"] {
      let answer = try site.request("POST", "/api/provision\(query)", mine, as: .otherRepository)
      #expect(answer.status == 403 && answer.json["type"] == "unauthorized", "\(query)")
    }
    #expect(try site.request("GET", Self.path, as: .otherRepository).status == 403)
    #expect(try site.request("GET", Self.path, as: .repository).status == 200)
    #expect(try site.request("POST", "/api/provision", mine, as: .repository).status == 201)
  }

  @Test func s102_anEditorReadsAndDoesNotImport() throws {
    let site = try AccessSite()
    defer { site.stop() }
    for person in [Person.viewer, .editor, .superEditor] {
      #expect(try site.request("POST", "/api/provision", document([:]), as: person).status == 403, "\(person)")
      #expect(try site.request("GET", Self.path, as: person).status == 200, "\(person)")
    }
    #expect(try site.request("POST", "/api/provision", document([:])).status == 401)
    #expect(try site.request("GET", Self.path).status == 401)
  }

  @Test func s103_credentialsAreAttachedByTheirOwner() throws {
    let site = try AccessSite()
    defer { site.stop() }
    // Some project knows these.
    try site.psql.run(
      """
      insert into project_credentials (project_id, name, owner) values
        ('\(Person.otherProject)', 'dhis2', 'owner@example.com'), ('\(Person.otherProject)', 'dhis2', 'admin@example.com')
      """)
    func attaching(_ name: String, of owner: Person, as person: Person) throws -> (status: Int, errors: JSONValue?) {
      let entry: JSONValue = [
        "id": .string(Store.newTokenID()), "name": .string(name), "owner": .string("\(owner)@Example.com"),
      ]
      let document: JSONValue = ["id": .string(SampleProject.id), "project_credentials": [entry]]
      let answer = try site.request("POST", "/api/provision", document, as: person)
      return (answer.status, answer.json["errors"])
    }
    func count() throws -> String? {
      try site.psql.value(
        "select count(*) from project_credentials where project_id = '\(SampleProject.id)'")
    }
    #expect(try attaching("dhis2", of: .admin, as: .owner).status == 201)
    #expect(try attaching("dhis2", of: .owner, as: .repository).status == 201)
    #expect(try count() == "1", "others' are ignored")
    #expect(try attaching("dhis2", of: .owner, as: .owner).status == 201)
    #expect(try count() == "2")
    let unknown = try attaching("ftp", of: .owner, as: .owner)
    #expect(unknown.status == 422)
    #expect(unknown.errors == ["project_credentials": ["ftp": ["name": ["No credential found with name ftp"]]]])
    let planned = try site.request(
      "POST", "/api/provision?plan=1",
      [
        "id": .string(SampleProject.id),
        "project_credentials": [["id": .string(Store.newTokenID()), "name": "ftp", "owner": "owner@example.com"]],
      ], as: .owner)
    #expect(planned.status == 422)
  }

  @Test func whatALimitDoesNotAllowIsForbidden() throws {
    let site = try AccessSite(storage: { $0.activationLimit = MaximumActiveWorkflows(1) })
    defer { site.stop() }
    let trigger: JSONValue = ["id": .string(Store.newTokenID()), "type": "cron", "enabled": true]
    let workflow: JSONValue = ["id": .string(Store.newTokenID()), "name": "Other", "triggers": [trigger]]
    let document: JSONValue = ["id": .string(SampleProject.id), "workflows": [workflow]]
    for query in ["", "?plan=1", "?if_editing=refuse"] {
      let answer = try site.request("POST", "/api/provision\(query)", document, as: .owner)
      #expect(answer.status == 403 && answer.json["type"] == "limit_error", "\(answer.text)")
      #expect(answer.json["errors"]?["base"]?.array?.first?.string?.contains("at most 1") == true)
    }
  }

  // MARK: What it leaves behind

  @Test func s104_anExportImportedChangesNothingAtAll() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let export = try site.request("GET", Self.path, as: .owner).json["data"] ?? .null
    let before = try site.contents()
    for query in ["", "?if_editing=refuse", "?if_editing=wait"] {
      let answer = try site.request("POST", "/api/provision\(query)", export, as: .owner)
      #expect(answer.status == 201 && answer.json["data"] == export, "\(answer.text)")
    }
    #expect(try site.changes(since: before) == [], "no version, no snapshot, no event, no audit")
  }

  @Test func s105_whatChangedHasOneVersionAndAnAuditInTheNameOfTheCaller() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let other = Store.newTokenID()
    let workflow: JSONValue = ["id": .string(other), "name": "Other"]
    let added = try site.request(
      "POST", "/api/provision", ["id": .string(SampleProject.id), "workflows": [workflow]], as: .owner)
    #expect(added.json["warnings"] == [:], "nothing to say of a workflow without jobs")
    let untouched = try site.contents(about: other)
    for (number, person) in [Person.owner, .admin, .repository].enumerated() {
      let document: JSONValue = [
        "id": .string(SampleProject.id),
        "workflows": [["id": .string(SampleProject.workflow), "name": .string("By \(person)")], workflow],
      ]
      #expect(try site.request("POST", "/api/provision", document, as: person).status == 201)
      #expect(try site.psql.run(Self.versions).last == ["\(number + 1)"])
      let audit = try site.psql.run(
        "select event, actor_type, actor_id, actor_name from project_audit order by id desc limit 1")
      let type = person == .repository ? "repository" : "user"
      #expect(audit.first?[0] == "workflow_imported" && audit.first?[1] == type && audit.first?[2] != nil)
      #expect(audit.first?[3] == (person == .repository ? "a/b" : "\(person)"))
    }
    #expect(
      try site.psql.run(Self.versions) == [["0"], ["1"], ["2"], ["3"]], "one snapshot each, and of what was there")
    #expect(
      try site.psql.value("select count(*) from project_audit where workflow_id = '\(SampleProject.workflow)'") == "3")
    #expect(try site.contents(about: other) == untouched)
  }

  @Test func whoHasSaidNothingIsTheAPIAndTheCommandLineSaysSo() throws {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    #expect(try site.request("POST", "/api/provision", document(["name": "Anybody"])).status == 201)
    let audit = try site.psql.run(
      "select actor_type, actor_id is null, actor_name is null from project_audit order by id desc limit 1")
    #expect(audit == [["api", "t", "t"]])
  }

  // MARK: Saved versions

  @Test func anExportHasTheWorkflowsOfSnapshots() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let other: JSONValue = ["id": .string(Store.newTokenID()), "name": "Other"]
    for name in ["One", "Two"] {
      let workflow: JSONValue = [
        "id": .string(SampleProject.workflow), "name": .string(name), "triggers": [],
      ]
      let document: JSONValue = ["id": .string(SampleProject.id), "workflows": [workflow, other]]
      #expect(try site.request("POST", "/api/provision", document, as: .owner).status == 201)
    }
    let list = try site.request("GET", "/api/workflows/\(SampleProject.workflow)/versions", as: .viewer)
    let ids = (list.json["data"]?.array ?? []).compactMap { $0["id"]?.string }
    #expect(ids.count == 3, "\(list.text)")
    func export(_ ids: [String], as person: Person = .viewer) throws -> (status: Int, body: JSONValue) {
      let query = ids.map { "snapshots%5B%5D=\($0)" }.joined(separator: "&")
      let answer = try site.request("GET", "\(Self.path)?\(query)", as: person)
      return (answer.status, answer.json)
    }
    for (id, (name, version)) in zip(ids, [("Two", 2), ("One", 1), ("Intake", 0)]) {
      let answer = try export([id, id])
      let workflows = answer.body["data"]?["workflows"]?.array ?? []
      #expect(answer.status == 200 && workflows.count == 1)
      #expect(workflows.first?["id"] == .string(SampleProject.workflow) && workflows.first?["name"] == .string(name))
      #expect(workflows.first?["lock_version"] == JSONValue(version))
      #expect(workflows.first?["triggers"]?.array?.count == (version == 0 ? 1 : 0))
    }
    let twice = try export(Array(ids.prefix(2)))
    #expect(twice.status == 422 && twice.body["errors"]?["snapshots"]?.array?.count == 1)
    let unknown = Store.newTokenID()
    let missing = try export([ids[0], unknown])
    #expect(missing.status == 404)
    #expect(missing.body["errors"] == ["snapshots": [.string("there is no snapshot \(unknown) of this project")]])
    let wrong = try export(["7"])
    #expect(wrong.status == 422)
    #expect(wrong.body["errors"] == ["snapshots": ["'7' is not the id of a snapshot: ids are uuids"]])
    #expect(try export(ids, as: .nobody).status == 403)
    // Another project's snapshot is none of this one's.
    let query = "/api/provision/\(Person.otherProject)?snapshots[]=\(ids[0])"
    #expect(try site.request("GET", query, as: .otherRepository).status == 404)
  }
}
