import Provisioning
import TestSupport
import Testing
import Workflow

@Suite struct ImportErrorTests {
  private typealias F = ImportFixture

  private func errors(_ workflow: JSONValue, foreign: Set<String> = []) -> JSONValue {
    F.errors { () throws(ImportErrors) in try F.importing(workflow: workflow, foreign: foreign) }
  }

  private func errors(document: JSONValue, into content: ProjectContent? = F.content) -> JSONValue {
    F.errors { () throws(ImportErrors) in try F.importing(document, into: content) }
  }

  private func intake(_ nested: JSONValue) -> JSONValue { ["workflows": ["Intake": nested]] }

  @Test func anEmptyDocumentLacksIDAndName() {
    #expect(errors(document: [:], into: nil) == ["id": ["can't be blank"], "name": ["can't be blank"]])
    #expect(ProjectImport([:]).projectID == nil)
    #expect(errors(document: ["id": "x", "name": "a b"], into: nil).object?.keys.sorted() == ["id", "name"])
    #expect(errors(document: [], into: nil)["base"] == ["an object is expected"])
  }

  @Test func childrenWithoutIDsAreNamedAndOthersAreNot() {
    let nested = errors([
      "jobs": [["id": .string(F.fetch)], ["name": "New", "body": "b"]],
      "triggers": [["type": "cron"]],
      "edges": [["condition_type": "always", "source_job_id": .string(F.fetch), "target_job_id": .string(F.fetch)]],
    ])
    #expect(
      nested
        == intake([
          "jobs": ["New": ["id": ["can't be blank"]]], "triggers": ["cron": ["id": ["can't be blank"]]],
          "edges": [
            "Fetch->Fetch": [
              "id": ["can't be blank"], "target_job_id": ["target job must be different from source job"],
            ]
          ],
        ]))
    #expect(
      errors(document: ["id": .string(F.project), "workflows": [["name": "New"]]])
        == ["workflows": ["New": ["id": ["can't be blank"]]]])
  }

  @Test func unknownKeysAreListedInOrder() {
    #expect(
      errors(document: ["id": .string(F.project), "foo": 1, "baz": 2])
        == ["base": ["extraneous parameters: baz, foo"]])
    #expect(
      errors(["foo": 1, "jobs": [["id": .string(F.fetch), "b": 1, "a": 1], ["id": .string(F.load)]]])
        == intake([
          "base": ["extraneous parameters: foo"], "jobs": ["Fetch": ["base": ["extraneous parameters: a, b"]]],
        ]))
  }

  @Test func idsOfOtherProjectsAreTaken() {
    let taken: JSONValue = ["id": ["has already been taken"]]
    let nested = errors(
      [
        "jobs": [
          ["id": .string(F.unused), "name": "New", "body": "b"], ["id": .string(F.fetch)], ["id": .string(F.load)],
        ]
      ], foreign: [F.unused])
    #expect(nested == intake(["jobs": ["New": taken]]))
    #expect(
      errors(["id": .string(F.unused), "name": "Mine"], foreign: [F.unused]) == ["workflows": ["Mine": taken]])
  }

  @Test func idsOfOtherWorkflowsAreTaken() {
    var content = F.content
    content.workflows[1].content.triggers = [Trigger(id: F.unused)]
    let taken: JSONValue = ["id": ["has already been taken"]]
    #expect(
      errors([
        "jobs": [
          ["id": .string(F.fetch)], ["id": .string(F.load)], ["id": .string(F.other), "name": "X", "body": "b"],
        ]
      ])
        == intake(["jobs": ["X": taken]]))
    #expect(
      F.errors { () throws(ImportErrors) in
        try F.importing(
          workflow: ["triggers": [["id": .string(F.hook)], ["id": .string(F.unused), "type": "cron"]]], into: content)
      } == intake(["triggers": ["cron": taken]]))
    // Not even when the other workflow gives it up in the same document.
    let moved: JSONValue = [
      "id": .string(F.project),
      "workflows": [
        ["id": .string(F.sync), "jobs": []],
        ["id": .string(F.unused), "name": "New", "jobs": [["id": .string(F.other), "name": "X", "body": "b"]]],
      ],
    ]
    #expect(errors(document: moved) == ["workflows": ["New": ["jobs": ["X": taken]]]])
  }

  @Test func anIDIsGivenOnce() {
    let twice: JSONValue = ["id": .string(F.unused), "name": "Twice", "body": "b"]
    let nested = errors(["jobs": [["id": .string(F.fetch)], ["id": .string(F.load)], twice, twice]])
    #expect(nested["workflows"]?["Intake"]?["jobs"]?["Twice"]?["id"] == ["has already been taken"])
    let workflow: JSONValue = ["id": .string(F.unused), "name": "Twice"]
    #expect(
      errors(document: ["id": .string(F.project), "workflows": [workflow, workflow]])["workflows"]?["Twice"]?["id"]
        == ["has already been taken"])
  }

  @Test func deletingAllowsNothingElse() {
    let message: JSONValue = ["delete": ["cannot change or add a record while deleting"]]
    #expect(
      errors(["jobs": [["id": .string(F.fetch)], ["id": .string(F.load), "delete": true, "name": "Renamed"]]])
        == intake(["jobs": ["Renamed": message]]))
    #expect(
      errors(["edges": [["id": .string(F.unused), "delete": true]]])["workflows"]?["Intake"]?["edges"]?["->"]
        == message)
    #expect(errors(["delete": true, "name": "Renamed"]) == ["workflows": ["Renamed": message]])
    #expect(errors(["id": .string(F.unused), "delete": true])["workflows"]?[F.unused] == message)
    // What is said already is no change.
    #expect(errors(["delete": true, "name": "Intake"]) == .null)
  }

  @Test func errorsStandUnderTheNamesOfWhatFails() {
    let nested = errors([
      "jobs": [["id": .string(F.fetch), "body": ""], ["id": .string(F.load), "name": "a/b"]],
      "triggers": [["id": .string(F.hook), "type": "cron", "cron_expression": "never"]],
      "edges": [["id": .string(F.start)], ["id": .string(F.next), "condition_type": "js_expression"]],
    ])
    #expect(
      nested
        == intake([
          "jobs": [
            "Fetch": ["body": ["job body can't be blank"]], "a/b": ["name": ["job name has invalid format"]],
          ],
          "triggers": ["cron": ["cron_expression": ["has to be a valid cron expression"]]],
          "edges": ["Fetch->a/b": ["condition_expression": ["can't be blank"]]],
        ]))
  }

  @Test func namesOfWorkflowsAreTakenOnce() {
    let message: JSONValue = ["name": ["a workflow with this name already exists in this project."]]
    #expect(errors(["name": "Sync"]) == ["workflows": ["Sync": message]])
    #expect(
      errors(["name": "", "jobs": [["id": .string(F.fetch)]]]) == [
        "workflows": .object([F.intake: ["name": ["can't be blank"]]])
      ])
    #expect(errors(["name": "x_del1"])["workflows"]?["x_del1"]?["name"] == ["cannot end with _del followed by digits"])
  }

  @Test func pathsOfWebhooksAreTakenOnce() throws {
    var content = F.content
    content.workflows[1].content.triggers = [Trigger(id: F.unused, webhookReply: "custom", customPath: "clinic")]
    let workflow: JSONValue = ["triggers": [["id": .string(F.hook), "custom_path": "clinic"]]]
    #expect(
      F.errors { () throws(ImportErrors) in try F.importing(workflow: workflow, into: content) }
        == intake(["triggers": ["webhook": ["custom_path": ["has already been taken"]]]]))
    content.workflows[1].content.triggers = []
    #expect(try F.importing(workflow: workflow, into: content).intake.triggers[0].customPath == "clinic")
  }

  @Test func kafkaSecretsAreRefused() {
    let nested = errors([
      "triggers": [
        ["id": .string(F.hook), "type": "kafka", "kafka_configuration": ["username": "a", "password": "b"]]
      ]
    ])
    let message: JSONValue = ["credentials can only be changed through the dashboard"]
    #expect(
      nested == intake(["triggers": ["kafka": ["kafka_configuration": ["username": message, "password": message]]]]))
  }

  @Test func valuesOfTheWrongTypeAreRefused() {
    let invalid: JSONValue = ["is invalid"]
    #expect(
      errors(["jobs": [["id": .string(F.fetch), "body": 5, "delete": "yes"], ["id": .string(F.load)]]])
        == intake(["jobs": ["Fetch": ["body": invalid, "delete": invalid]]]))
    #expect(errors(["jobs": ["a": 1]]) == intake(["jobs": invalid]))
    #expect(errors(["jobs": [5]])["workflows"]?["Intake"]?["jobs"] != nil)
    #expect(errors(["deleted_at": "yesterday"])["workflows"]?["Intake"]?["deleted_at"] == invalid)
    #expect(errors(document: ["id": .string(F.project), "workflows": 5]) == ["workflows": invalid])
    #expect(errors(document: ["id": .string(F.project), "name": "A B"])["name"] != nil)
  }

  /// Documents that somebody broke: a project or errors, never a trap; and what is accepted is valid.
  @Test func noDocumentTraps() {
    for seed in 0..<300 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed)
      let project = make.project()
      make.isOdd = true
      let document = broken(project.exported, &make, depth: 0)
      guard let after = try? F.importing(document, into: project) else { continue }
      for rows in after.workflows where !project.workflows.contains(rows) && rows.deletedAt == nil {
        #expect(throws: Never.self, "seed \(seed)") { try rows.content.validate() }
      }
      // Once more it changes nothing; it may be refused, because what it deletes is gone.
      let again = (try? F.importing(document, into: after)) ?? after
      #expect((again == after) as Bool, "seed \(seed)")
    }
  }

  private func broken(_ json: JSONValue, _ make: inout WorkflowGenerator, depth: Int) -> JSONValue {
    if make.chance(depth == 0 ? 0 : 1) { return make.json(2) }
    switch json {
    case .array(var elements):
      elements = elements.map { broken($0, &make, depth: depth + 1) }
      if !elements.isEmpty, make.chance(5) { elements.removeLast() }
      if let first = elements.first, make.chance(3) { elements.append(first) }
      return .array(elements)
    case .object(var members):
      for key in members.keys.sorted() { members[key] = broken(members[key] ?? .null, &make, depth: depth + 1) }
      if make.chance(3) { members["delete"] = .bool(make.chance(80)) }
      if make.chance(5), let key = members.keys.sorted().randomElement(using: &make.random) { members[key] = nil }
      return .object(members)
    default: return json
    }
  }
}
