import Provisioning
import Testing
import Workflow

/// Which credentials an import attaches.
@Suite struct ImportCredentialTests {
  private typealias F = ImportFixture

  /// What an import of these entries comes to.
  private func attaching(
    _ rule: CredentialRule, _ entries: [JSONValue], jobs: JSONValue? = nil
  ) throws(ImportErrors) -> ProjectContent {
    var members: [String: JSONValue] = ["id": .string(F.project), "project_credentials": .array(entries)]
    if let jobs { members["workflows"] = [["id": .string(F.sync), "jobs": jobs]] }
    var document = ProjectImport(.object(members))
    document.credentialRule = rule
    return try document.applied(to: F.content, foreignIDs: [], now: F.now)
  }

  private static let mine: JSONValue = ["id": .string(F.unused), "name": "dhis2", "owner": "Amy@example.org"]
  private static let amy = CredentialRule.own(email: "amy@example.org", known: ["dhis2"])

  @Test func onesOwnAreAttachedWhereTheyAreKnown() throws {
    let project = try attaching(Self.amy, [Self.mine])
    #expect(project.credentials == [ProjectCredential(id: F.unused, name: "dhis2", owner: "Amy@example.org")])
    let unknown = F.errors { () throws(ImportErrors) in
      try attaching(Self.amy, [["id": .string(F.unused), "name": "ftp", "owner": "amy@example.org"]])
    }
    #expect(unknown == ["project_credentials": ["ftp": ["name": ["No credential found with name ftp"]]]])
  }

  @Test func othersAreIgnored() throws {
    let theirs: JSONValue = ["id": .string(F.unused), "name": "dhis2", "owner": "bob@example.org"]
    #expect(try attaching(Self.amy, [theirs]) == F.content)
    #expect(try attaching(.nobodys, [theirs, Self.mine]) == F.content)
    #expect(try attaching(.anybodys, [theirs]).credentials.count == 1)
    // And so are of no use to a job.
    let job: JSONValue = ["id": .string(F.other), "project_credential_id": .string(F.unused)]
    let refused = F.errors { () throws(ImportErrors) in try attaching(Self.amy, [theirs], jobs: [job]) }
    #expect(refused["workflows"]?["Sync"]?["jobs"]?["Copy"]?["project_credential_id"] != nil)
    #expect(try attaching(Self.amy, [Self.mine], jobs: [job]).credentials.count == 1)
  }

  @Test func whatIsAttachedStaysWhoeverImports() throws {
    var content = F.content
    content.credentials = [ProjectCredential(id: F.unused, name: "dhis2", owner: "bob@example.org")]
    for rule in [Self.amy, .nobodys, .anybodys] {
      var document = ProjectImport(content.exported)
      document.credentialRule = rule
      #expect(try document.applied(to: content, foreignIDs: [], now: F.now) == content)
      document = ProjectImport(["id": .string(F.project), "project_credentials": []])
      #expect(try document.applied(to: content, foreignIDs: [], now: F.now) == content, "never detached")
    }
  }

  @Test func withoutAnIDItIsAttachedOnce() throws {
    let entry: JSONValue = ["name": "dhis2", "owner": "amy@example.org"]
    let project = try attaching(.anybodys, [entry, entry])
    #expect(project.credentials.count == 1)
    #expect(DocumentName.isUUID(project.credentials.first?.id ?? ""))
    let wrong = F.errors { () throws(ImportErrors) in
      try attaching(.anybodys, [["id": "x", "name": "dhis2", "owner": "amy@example.org", "secret": 1]])
    }
    #expect(
      wrong == [
        "project_credentials": ["dhis2": ["id": ["is invalid"], "base": ["extraneous parameters: secret"]]]
      ])
  }
}
