import TestSupport
import Testing
import Workflow

@testable import Provisioning

/// Which part of a project a name in a file is.
@Suite struct NameResolutionTests {
  private typealias F = FormatFixture

  private static let text = """
    name: demo
    workflows:
      intake:
        name: Intake
        jobs:
          fetch: {name: Fetch, body: get(), adaptor: a}
          load: {name: Load data, body: post(), adaptor: a}
          same-1: {name: same 1, body: noop(), adaptor: a}
          same-2: {name: same 2, body: noop(), adaptor: a}
        triggers:
          webhook: {type: webhook}
          cron: {type: cron, cron_expression: '0 1 * * *'}
          cron-2: {type: cron, cron_expression: '0 2 * * *'}
        edges:
          webhook->fetch: {source_trigger: webhook, target_job: fetch}
          cron->fetch: {source_trigger: cron, target_job: fetch}
          cron-2->load: {source_trigger: cron-2, target_job: load}
          fetch->load: {source_job: fetch, target_job: load}
      other:
        name: Other
        jobs:
          fetch: {name: Fetch, body: other(), adaptor: a}
    """

  private func ids(_ project: ProjectContent) -> Set<String> {
    var ids: Set<String> = []
    for rows in project.workflows {
      ids.insert(rows.content.id)
      ids.formUnion(rows.content.jobs.map(\.id) + rows.content.triggers.map(\.id) + rows.content.edges.map(\.id))
    }
    return ids
  }

  /// Changes of the file after which nothing may get a new id.
  static let harmless: [(String, String)] = [
    ("name: Fetch, body: get()", "name: Get patients, body: get()"), ("name: Load data", "name: load-data"),
    ("name: same 1,", "name: renamed,"), ("name: Intake", "name: Take in"), ("name: Other", "name: Another"),
    ("body: get()", "body: get(2)"), ("adaptor: a}", "adaptor: b}"), ("'0 1 * * *'", "'5 5 * * *'"),
    ("same-1: {name: same 1", "eins: {name: Eins"), ("type: webhook}", "type: webhook, enabled: false}"),
    ("intake:", "taking-in:"),
    ("source_job: fetch, target_job: load", "source_job: fetch, target_job: load, enabled: false"),
  ]

  @Test(arguments: harmless) func whatIsStillThereKeepsItsID(old: String, new: String) throws {
    let project = try F.imported(Self.text)
    let changed = Self.text.replacing(old, with: new)
    #expect(changed != Self.text)
    let after = try F.imported(changed, into: project)
    #expect(ids(after) == ids(project))
  }

  @Test func whatIsNewGetsNewIDsAndWhatIsGoneGoes() throws {
    let project = try F.imported(Self.text)
    var changed = Self.text.replacing("same-2: {name: same 2, body: noop()", with: "fresh: {name: Fresh, body: made()")
    changed = changed.replacing("      webhook->fetch: {source_trigger: webhook, target_job: fetch}\n", with: "")
    let after = try F.imported(changed, into: project)
    let (old, new) = (project.workflows[0].content, after.workflows[0].content)
    #expect(Array(new.jobs.map(\.id).prefix(3)) == Array(old.jobs.map(\.id).prefix(3)))
    #expect(!old.jobs.map(\.id).contains(new.jobs[3].id))
    #expect(new.edges.map(\.id) == Array(old.edges.map(\.id).dropFirst()))
    #expect(after.workflows[1] == project.workflows[1])
  }

  @Test func aTriggerThatIsAloneMayChangeItsType() throws {
    let one = "name: a\njobs: {x: {body: y}}\ntriggers: {webhook: {type: webhook}}"
    let project = try F.imported(one)
    let after = try F.imported(one.replacing("webhook", with: "cron"), into: project)
    #expect(after.workflows[0].content.triggers.map(\.id) == project.workflows[0].content.triggers.map(\.id))
    #expect(after.workflows[0].content.triggers.map(\.type) == ["cron"])
  }

  @Test func twoTriggersOfOneTypeAreToldApartByWhatTheySay() throws {
    let project = try F.imported(Self.text)
    let swapped = Self.text.replacing("'0 1 * * *'", with: "'0 X * * *'").replacing("'0 2 * * *'", with: "'0 1 * * *'")
      .replacing("'0 X * * *'", with: "'0 2 * * *'")
    let after = try F.imported(swapped, into: project)
    // Only their edges differ now.
    #expect(after.workflows[0].content.triggers == project.workflows[0].content.triggers)
  }

  @Test func withoutAStateNoWorkflowIsDeleted() throws {
    let project = try F.imported(Self.text)
    let rest = String(Self.text[..<(try #require(Self.text.range(of: "  other:"))).lowerBound])
    #expect(try F.imported(rest, into: project) == project)
    let after = try F.imported(rest, into: project, state: ProjectState(of: project))
    #expect(after.workflows.map { $0.deletedAt != nil } == [false, true])
    // One that the state has never heard of stays.
    var state = ProjectState(of: project)
    state.workflows["Other"] = nil
    #expect(try F.imported(rest, into: project, state: state) == project)
    // A file that holds one workflow says nothing of the others.
    let single = "name: Intake\njobs: {fetch: {name: Fetch, body: new()}}"
    let one = try F.imported(single, into: project, state: ProjectState(of: project))
    #expect(one.workflows.map { $0.deletedAt != nil } == [false, false])
    #expect(one.workflows[0].content.jobs.map(\.id) == [project.workflows[0].content.jobs[0].id])
  }

  @Test func theStateKnowsBetterThanNames() throws {
    let project = try F.imported(Self.text)
    // In the application the two jobs have swapped their names; the file's keys are still theirs.
    var diverged = project
    diverged.workflows[0].content.jobs[0].name = "Load data"
    diverged.workflows[0].content.jobs[1].name = "Fetch"
    let after = try F.imported(Self.text, into: diverged, state: ProjectState(of: project))
    #expect(after == project)
  }

  @Test func aStateOfAnotherProjectOrOfDeletedThingsHarmsNothing() throws {
    let project = try F.imported(Self.text)
    var state = ProjectState(of: project)
    let rest = String(Self.text[..<(try #require(Self.text.range(of: "  other:"))).lowerBound])
    let deleted = try F.imported(rest, into: project, state: state)
    let again = try F.imported(Self.text, into: deleted, state: state)
    #expect(again.workflows.count == 3)
    #expect(again.workflows[2].content.name == "Other")
    #expect(Set(again.workflows.map(\.content.id)).count == 3)
    state = ProjectState(of: try F.imported("name: x\nworkflows: {intake: {name: Intake}}"))
    #expect(try F.imported(Self.text, into: project, state: state) == project)
  }

  @Test func idsInTheFileAreTaken() throws {
    let id = "7b000000-0000-4000-8000-00000000000"
    let text = """
      id: demo
      name: demo
      openfn: {uuid: \(id)0}
      workflows:
        - id: w
          name: W
          openfn: {uuid: \(id)1, lock_version: 4}
          steps:
            - {id: t, type: webhook, openfn: {uuid: \(id)2}, next: {a: {condition: always, openfn: {uuid: \(id)3}}}}
            - {id: a, name: A, expression: x, openfn: {uuid: \(id)4}}
      """
    let file = try F.parse(text)
    let document = ProjectImport(file: file)
    #expect(document.projectID == "\(id)0")
    let project = try document.applied(to: nil, foreignIDs: [], now: F.now)
    let content = project.workflows[0].content
    #expect(
      [content.id, content.triggers[0].id, content.edges[0].id, content.jobs[0].id] == (1...4).map { "\(id)\($0)" })
    // They are found again under another name, and refused where they are another project's.
    let renamed = try F.imported(
      text.replacing("name: A", with: "name: B").replacing("expression: x", with: "expression: y"), into: project)
    #expect(renamed.workflows[0].content.jobs.map(\.id) == ["\(id)4"])
    do throws(ImportErrors) {
      _ = try document.applied(to: nil, foreignIDs: ["\(id)4"], now: F.now)
      Issue.record("imported")
    } catch {
      #expect(
        document.problems(error).description
          == "project.yaml:10:50: workflows.w.steps.a.openfn.uuid: has already been taken")
    }
  }

  @Test func credentialsAreFoundByKeyAndByOwnerAndName() throws {
    let text = """
      name: demo
      credentials:
        a@b.c-dhis2-login: {name: dhis2 login, owner: a@b.c}
      workflows:
        w:
          name: W
          jobs:
            one: {name: One, body: x, credential: a@b.c-dhis2-login}
            two: {name: Two, body: x, credential: a@b.c|dhis2 login}
            three: {name: Three, body: x, credential: d@e.f|mail}
      """
    let project = try F.imported(text)
    #expect(project.credentials.map { "\($0.owner)|\($0.name)" } == ["a@b.c|dhis2 login", "d@e.f|mail"])
    let jobs = project.workflows[0].content.jobs
    #expect(jobs[0].projectCredentialID == jobs[1].projectCredentialID)
    #expect(jobs[2].projectCredentialID == project.credentials[1].id)
    // Without the list in the file the project knows them.
    let list = "credentials:\n  a@b.c-dhis2-login: {name: dhis2 login, owner: a@b.c}\n"
    #expect(try F.imported(text.replacing(list, with: ""), into: project) == project)
    do throws(ImportErrors) {
      let document = ProjectImport(file: try! F.parse(text.replacing(list, with: "")), projectID: F.project)
      _ = try document.applied(to: nil, foreignIDs: [], now: F.now)
      Issue.record("imported")
    } catch {
      #expect(
        error.lines.contains {
          $0.contains("workflows.W.jobs.One.project_credential_id: there is no credential \"a@b.c-dhis2-login\"")
        })
    }
  }

  @Test func whatNoFileCarriesStays() throws {
    var project = try F.imported(Self.text)
    project.workflows[0].content.concurrency = 3
    project.workflows[0].content.enableJobLogs = false
    project.workflows[0].content.jobs[0].keychainCredentialID = F.project
    project.workflows[0].content.positions = [project.workflows[0].content.jobs[0].id: ["x": 1, "y": 2]]
    let after = try F.imported(Self.text.replacing("get()", with: "got()"), into: project)
    project.workflows[0].content.jobs[0].body = "got()"
    #expect(after == project)
  }

  @Test func theDocumentOfAFileDoesTheSame() throws {
    let project = try F.imported(Self.text)
    let changed = try F.parse(Self.text.replacing("get()", with: "got()").replacing("name: Other", with: "name: Rest"))
    let document = ProjectImport(file: changed, state: ProjectState(of: project), projectID: F.project)
    let json = try document.document(for: project)
    let one = try ProjectImport(json).applied(to: project, foreignIDs: [], now: F.now)
    #expect(try document.applied(to: project, foreignIDs: [], now: F.now) == one)
    #expect(ids(one) == ids(project))
  }

  @Test func aDocumentIsOfItsOwnProject() throws {
    let file = try F.parse("{\"id\": \"\(F.project)\", \"name\": \"x\"}", named: "p.json")
    #expect(ProjectImport(file: file).projectID == F.project)
    let other = "1f000000-0000-4000-8000-00000000000f"
    #expect(throws: ImportErrors.self) {
      try ProjectImport(file: file, projectID: other).applied(to: nil, foreignIDs: [], now: F.now)
    }
  }

  @Test func newIDsAreUUIDs() {
    let ids = (0..<100).map { _ in ProjectImport.newID() }
    #expect(Set(ids).count == 100)
    #expect(ids.allSatisfy { DocumentName.isUUID($0) && $0 == $0.lowercased() })
  }
}
