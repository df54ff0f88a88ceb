import Provisioning
import TestSupport
import Testing
import Workflow

@Suite struct ImportTests {
  private typealias F = ImportFixture

  private func job(_ id: String, _ fields: JSONValue = [:]) -> JSONValue {
    .object((fields.object ?? [:]).merging(["id": .string(id)]) { $1 })
  }

  // MARK: What an import changes

  @Test func givenKeysAreTakenAndOthersStay() throws {
    let after = try F.importing(workflow: [
      "name": "Intake 2", "jobs": [job(F.load, ["body": "put();"]), job(F.fetch)],
    ])
    var expected = F.content
    expected.workflows[0].content.name = "Intake 2"
    expected.workflows[0].content.jobs[1].body = "put();"
    #expect(after == expected)
  }

  @Test func newThingsAreInsertedUnderTheirIDs() throws {
    let trigger = "40000000-0000-4000-8000-000000000009"
    let edge = "50000000-0000-4000-8000-000000000009"
    let after = try F.importing(workflow: [
      "jobs": [job(F.fetch), job(F.load), job(F.unused, ["name": " Check ", "body": "check();"])],
      "triggers": [job(F.hook), job(trigger, ["type": "cron"])],
      "edges": [
        job(F.start), job(F.next),
        job(
          edge, ["source_trigger_id": .string(trigger), "target_job_id": .string(F.unused), "condition_type": "always"]),
      ],
    ])
    #expect(after.intake.jobs[2] == Job(id: F.unused, name: "Check", body: "check();"))
    #expect(after.intake.triggers[1] == Trigger(id: trigger, type: "cron", cronExpression: "0 0 * * *"))
    #expect(after.intake.edges[2] == Edge(id: edge, sourceTriggerID: trigger, targetJobID: F.unused))
    #expect(after.workflows[1] == F.content.workflows[1])
  }

  @Test func aNewProjectComesWithAllThatIsInIt() throws {
    let document: JSONValue = [
      "id": .string(F.project.uppercased()), "name": "demo", "description": "A project",
      "workflows": [["id": .string(F.intake), "name": "Intake", "jobs": [job(F.fetch, ["name": "A", "body": "b"])]]],
      "collections": [["id": .string(F.unused), "name": "cases"]],
    ]
    let after = try F.importing(document, into: nil)
    let content = WorkflowContent(id: F.intake, name: "Intake", jobs: [Job(id: F.fetch, name: "A", body: "b")])
    #expect(
      after
        == ProjectContent(
          id: F.project, name: "demo", description: "A project",
          workflows: [WorkflowRows(content: content, projectID: F.project, lockVersion: 0, revision: 0)],
          collections: [ProjectCollection(id: F.unused, name: "cases")]))
  }

  @Test func whatIsMissingFromAListIsDeleted() throws {
    let after = try F.importing(workflow: ["edges": [job(F.next)]])
    #expect(after.intake.edges.map(\.id) == [F.next])
    #expect(after.intake.jobs == F.content.intake.jobs)
  }

  @Test func absentListsAndWorkflowsStay() throws {
    #expect(try F.importing(["id": .string(F.project)]) == F.content)
    #expect(try F.importing(["id": .string(F.project), "workflows": []]) == F.content)
    #expect(try F.importing(workflow: [:]) == F.content)
  }

  @Test(arguments: [true, false]) func aDeletedJobTakesItsEdgesAndItsPlaceAlong(isExplicit: Bool) throws {
    var content = F.content
    content.workflows[0].content.triggers[0] = Trigger(
      id: F.hook, type: "cron", cronExpression: "0 0 * * *", cronCursorJobID: F.load)
    let jobs: JSONValue = isExplicit ? [job(F.fetch), job(F.load, ["delete": true])] : [job(F.fetch)]
    let after = try F.importing(workflow: ["jobs": jobs], into: content)
    #expect(after.intake.jobs.map(\.id) == [F.fetch])
    #expect(after.intake.edges.map(\.id) == [F.start])
    #expect(after.intake.triggers[0].cronCursorJobID == nil)
    #expect(after.intake.positions == [F.fetch: ["x": 1, "y": 2]])
    // Also where the document still lists the edge.
    let listed = try F.importing(workflow: ["jobs": jobs, "edges": [job(F.start), job(F.next)]], into: content)
    #expect(listed == after)
  }

  @Test func aDeletedTriggerTakesItsEdgesAlong() throws {
    let after = try F.importing(workflow: ["triggers": []])
    #expect(after.intake.triggers.isEmpty)
    #expect(after.intake.edges.map(\.id) == [F.next])
  }

  @Test func columnsThatAnImportDoesNotOwnAreIgnored() throws {
    let after = try F.importing(workflow: [
      "lock_version": 99, "concurrency": 1, "enable_job_logs": true, "positions": ["a": 1], "inserted_at": "x",
      "updated_at": "y", "version_history": ["app:1"], "project_id": "z", "deleted_at": nil,
    ])
    #expect(after == F.content)
  }

  // MARK: Nothing changed

  @Test func anImportOfAnExportChangesNothing() throws {
    for seed in 0..<60 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed)
      let project = make.project()
      let after = try F.importing(JSONValue(parsing: project.exported.serialized()), into: project)
      #expect((after == project) as Bool, "seed \(seed)")
    }
  }

  /// Rows that somebody wrote otherwise than a save spells them, or that no save would accept.
  @Test func anImportOfAnExportLeavesUnusualRowsAlone() throws {
    var content = F.content
    content.workflows[0].content.name = " Intake "
    content.workflows[0].content.jobs[0].body = ""
    content.workflows[0].content.triggers[0].webhookReply = nil
    content.workflows[0].content.triggers.append(
      Trigger(id: F.unused, type: "kafka", kafkaConfiguration: ["hosts_string": "a:1,b:2", "ssl": true]))
    #expect(try F.importing(content.exported, into: content) == content)
  }

  @Test func theOrderOfADocumentSaysNothing() throws {
    let after = try F.importing(workflow: ["jobs": [job(F.load), job(F.fetch)], "edges": [job(F.next), job(F.start)]])
    #expect(after == F.content)
  }

  @Test func anExportIntoAnEmptyServerBringsItAll() throws {
    for seed in 0..<100 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed)
      var project = make.project()
      project.workflows.removeAll { $0.deletedAt != nil }
      let after = try F.importing(project.exported, into: nil)
      #expect((after.exported["workflows"]?.array?.count == project.workflows.count) as Bool)
      for (copy, original) in zip(after.workflows, project.workflows) {
        #expect((copy.content.jobs == original.content.jobs) as Bool, "seed \(seed)")
        #expect((copy.content.edges == original.content.edges) as Bool, "seed \(seed)")
      }
      #expect(after.credentials == project.credentials && after.collections == project.collections)
    }
  }

  // MARK: Deletion of workflows

  @Test func aDeletedWorkflowGivesItsNameFreeAndNoLongerStarts() throws {
    let after = try F.importing(workflow: ["delete": true])
    #expect(after.workflows[0].deletedAt == F.now)
    #expect(after.intake.name == "Intake_del")
    #expect(after.intake.triggers.map(\.enabled) == [false])
    #expect(after.intake.jobs == F.content.intake.jobs)
    #expect(after.exported["workflows"]?.array?.count == 1)
    // Deleting it again is nothing new, and its name is free.
    #expect(try F.importing(workflow: ["delete": true], into: after) == after)
    let again = try F.importing(workflow: ["id": .string(F.unused), "name": "Intake"], into: after)
    #expect(again.workflows.map(\.content.name) == ["Intake_del", "Sync", "Intake"])
    // The next one of that name finds "_del" taken.
    let twice = try F.importing(workflow: ["id": .string(F.unused), "delete": true], into: again)
    #expect(twice.workflows.map(\.content.name) == ["Intake_del", "Sync", "Intake_del1"])
  }

  @Test func aNameMayBeTakenOverInTheSameImport() throws {
    let after = try F.importing([
      "id": .string(F.project),
      "workflows": [
        ["id": .string(F.unused), "name": "Intake"], ["id": .string(F.intake), "delete": true],
        ["id": .string(F.sync), "name": "Sync"],
      ],
    ])
    #expect(after.workflows.map(\.content.name) == ["Intake_del", "Sync", "Intake"])
  }

  @Test func namesMayBeSwapped() throws {
    let after = try F.importing([
      "id": .string(F.project),
      "workflows": [["id": .string(F.intake), "name": "Sync"], ["id": .string(F.sync), "name": "Intake"]],
    ])
    #expect(after.workflows.map(\.content.name) == ["Sync", "Intake"])
  }

  @Test func aDeletedWorkflowCannotBeWrittenTo() throws {
    let deleted = try F.importing(workflow: ["delete": true])
    #expect(
      F.errors { () throws(ImportErrors) in try F.importing(workflow: ["name": "Intake"], into: deleted) }
        == ["workflows": ["Intake": ["id": ["has already been taken"]]]])
  }

  // MARK: Kafka, credentials, collections

  @Test func kafkaConfigurationsAreMergedByKey() throws {
    var content = F.content
    content.workflows[0].content.triggers = [
      Trigger(
        id: F.hook, type: "kafka", kafkaConfiguration: ["hosts_string": "a:1", "topics_string": "t", "ssl": true])
    ]
    let after = try F.importing(
      workflow: ["triggers": [job(F.hook, ["kafka_configuration": ["hosts": [["b", "2"], ["c", 3]]]])]], into: content)
    #expect(
      after.intake.triggers[0].kafkaConfiguration == [
        "hosts_string": "b:2, c:3", "topics_string": "t", "ssl": true,
      ])
  }

  @Test func credentialsAreAttachedAndNeverDetached() throws {
    let credential: JSONValue = ["id": .string(F.unused), "name": "dhis2", "owner": "amy@example.org"]
    let document: JSONValue = [
      "id": .string(F.project), "project_credentials": [credential],
      "workflows": [
        [
          "id": .string(F.intake),
          "jobs": [job(F.fetch, ["project_credential_id": .string(F.unused)]), job(F.load)],
        ]
      ],
    ]
    let after = try F.importing(document)
    #expect(after.credentials == [ProjectCredential(id: F.unused, name: "dhis2", owner: "amy@example.org")])
    #expect(after.intake.jobs[0].projectCredentialID == F.unused)
    #expect(try F.importing(["id": .string(F.project), "project_credentials": []], into: after) == after)
    let message = "credential doesn't exist or isn't available in this project"
    #expect(
      F.errors { () throws(ImportErrors) in
        try F.importing(workflow: ["jobs": [job(F.fetch, ["project_credential_id": .string(F.unused)])]])
      } == ["workflows": ["Intake": ["jobs": ["Fetch": ["project_credential_id": [.string(message)]]]]]])
  }

  @Test func collectionsStayUnlessTheyAreDeleted() throws {
    var content = F.content
    content.collections = [ProjectCollection(id: F.unused, name: "cases")]
    #expect(try F.importing(["id": .string(F.project), "collections": []], into: content) == content)
    let after = try F.importing(
      ["id": .string(F.project), "collections": [["id": .string(F.unused), "delete": true]]], into: content)
    #expect(after.collections.isEmpty)
  }
}
