import Storage
import TestSupport
import Testing
import Workflow

@testable import Gateway

/// Project files in YAML over HTTP.
@Suite struct ProjectFileRouteTests {
  private static let path = "/api/provision/\(SampleProject.id)"

  private func post(
    _ site: AccessSite, _ query: String, _ text: String, as person: Person = .owner, type: String = "application/yaml"
  ) throws -> TestResponse {
    let socket = try TestSocket(port: site.port)
    let lines = [
      "POST /api/provision\(query) HTTP/1.1", "Host: test", "Connection: close", "Content-Type: \(type)",
      "Content-Length: \(text.utf8.count)", "Authorization: Bearer \(try site.token(person))",
    ]
    try socket.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + text).utf8))
    return try socket.readResponse()
  }

  /// A project with a job of this body, in v1.
  private func file(name: String, body: String = "get()") -> String {
    """
    name: \(name)
    workflows:
      Lonely:
        name: Lonely
        jobs:
          Fetch:
            name: Fetch
            adaptor: '@openfn/language-common@latest'
            body: \(body)
        triggers:
          webhook:
            type: webhook
            enabled: true
        edges:
          webhook->Fetch:
            source_trigger: webhook
            target_job: Fetch
            condition_type: always
            enabled: true

    """
  }

  private func workflows(_ site: AccessSite, of project: String) throws -> [String?] {
    try site.psql.run("select name from workflows where project_id = '\(project)' order by 1").map { $0[0] }
  }

  // MARK: Out

  @Test(arguments: ["v1", "v2", "v2-expressions"])
  func anExportIsImportedWithoutAChange(format: String) throws {
    let site = try AccessSite()
    defer { site.stop() }
    let answer = try site.request("GET", "\(Self.path).yaml?format=\(format)", as: .viewer)
    #expect(answer.status == 200 && answer.headers["content-type"]?.hasPrefix("text/yaml") == true, "\(answer.text)")
    let query = "/api/provision/yaml?format=\(format)&id=\(SampleProject.id)"
    #expect(try site.request("GET", query, as: .viewer).body == answer.body)
    let before = try site.contents()
    for type in ["application/yaml", "text/yaml; charset=utf-8", "application/x-yaml"] {
      for query in ["?project=\(SampleProject.id)", "?project=\(SampleProject.id)&if_editing=refuse"] {
        let imported = try post(site, query, answer.text, as: .admin, type: type)
        #expect(imported.status == 201, "\(imported.text)")
      }
    }
    #expect(try site.changes(since: before) == [])
  }

  @Test func whatCannotBeExportedIsSaid() throws {
    let site = try AccessSite()
    defer { site.stop() }
    #expect(try site.request("GET", "\(Self.path).yaml", as: .nobody).status == 403)
    #expect(try site.request("GET", "/api/provision/yaml?id=\(SampleProject.id)", as: .nobody).status == 403)
    #expect(try site.request("GET", "/api/provision/nonsense.yaml", as: .viewer).status == 404)
    for query in ["", "?id=", "?id=nonsense"] {
      #expect(try site.request("GET", "/api/provision/yaml\(query)", as: .viewer).json["errors"]?["id"] != nil)
    }
    let format = try site.request("GET", "\(Self.path).yaml?format=v3", as: .viewer)
    #expect(format.status == 422 && format.json["errors"]?["format"] == ["is one of v1, v2, v2-expressions"])
  }

  // MARK: In

  @Test func aFileGoesWhereTheQueryOrItsNameSays() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let imported = try post(site, "", file(name: "sample"))
    #expect(imported.status == 201, "\(imported.text)")
    #expect(imported.headers["location"] == Self.path)
    #expect(try workflows(site, of: SampleProject.id) == ["Intake", "Lonely"], "what it does not mention stays")
    let before = try site.contents()
    #expect(try post(site, "", file(name: "sample"), as: .repository).status == 201)
    #expect(try site.changes(since: before) == [], "names become the same ids again")
    let other = try post(site, "?project=\(Person.otherProject)", file(name: "other"), as: .otherRepository)
    #expect(other.status == 201, "\(other.text)")
    #expect(try workflows(site, of: Person.otherProject) == ["Lonely"])
    try site.psql.run("insert into projects (id, name) values (gen_random_uuid(), 'sample')")
    let ambiguous = try post(site, "", file(name: "sample"))
    #expect(ambiguous.status == 422)
    #expect(ambiguous.json["errors"] == ["project": ["is missing: more than one project is called 'sample'"]])
    #expect(try post(site, "?project=nonsense", file(name: "sample")).json["errors"]?["project"] != nil)
  }

  @Test func aNewProjectIsMadeByWhoMay() throws {
    let site = try AccessSite()
    defer { site.stop() }
    #expect(try post(site, "", file(name: "brand-new")).status == 403)
    let made = try post(site, "", file(name: "brand-new"), as: .superuser)
    #expect(made.status == 201, "\(made.text)")
    let id = try #require(made.json["data"]?["id"]?.string)
    #expect(made.headers["location"] == "/api/provision/\(id)")
    let again = try post(site, "", file(name: "brand-new", body: "changed()"), as: .superuser)
    #expect(again.json["data"]?["id"] == .string(id), "as its owner, by its name")
    #expect(try post(site, "?project=\(id)", file(name: "brand-new")).status == 403)
  }

  @Test func plansAreMadeOfFilesToo() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let before = try workflows(site, of: SampleProject.id)
    let planned = try post(site, "?plan=1", file(name: "sample"))
    #expect(planned.status == 200, "\(planned.text)")
    #expect(planned.json["data"]?["workflows"]?.array?.first?["action"] == "create")
    #expect(try workflows(site, of: SampleProject.id) == before)
    let plan = try #require(planned.json["plan"]?.string)
    let withFile = try post(site, "?plan=\(plan)", file(name: "sample"))
    #expect(withFile.json["errors"] == ["plan": ["is applied without the file that it was made of"]])
    #expect(try site.request("POST", "/api/provision?plan=\(plan)", as: .owner).status == 201)
    #expect(try workflows(site, of: SampleProject.id) == ["Intake", "Lonely"])
    #expect(try post(site, "?plan=1", file(name: "sample"), as: .editor).status == 403)
  }

  // MARK: What is wrong

  @Test func whatIsWrongIsToldByPlace() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let before = try site.contents()
    for query in ["", "?plan=1", "?if_editing=refuse"] {
      let broken = try post(site, query, "name: [sample")
      #expect(broken.status == 422 && broken.json["problems"]?.array?.isEmpty == false, "\(broken.text)")
      let beside = try post(site, query, file(name: "sample", body: "{path: ./fetch.js}"))
      let problem = try #require(beside.json["problems"]?.array?.first)
      #expect(beside.status == 422 && problem["line"] == 9, "\(beside.text)")
      // Wrong only once it is imported: the trigger's name is taken by nothing, but the job's body is blank.
      let blank = try post(site, query, file(name: "sample", body: "''"))
      #expect(blank.status == 422, "\(blank.text)")
      #expect(blank.json["problems"]?.array?.first?["line"]?.integer != nil, "\(blank.text)")
    }
    #expect(try site.changes(since: before) == [])
  }
}
