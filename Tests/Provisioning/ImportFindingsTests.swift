import Provisioning
import Testing
import Workflow

/// What an import says of workflows as a whole.
@Suite struct ImportFindingsTests {
  private typealias F = ImportFixture

  private func errors(_ workflow: JSONValue) -> JSONValue {
    F.errors { () throws(ImportErrors) in try F.importing(workflow: workflow) }
  }

  /// The edges of the fixture's workflow and one more.
  private func edges(and edge: [String: JSONValue]) -> JSONValue {
    [
      "edges": [
        ["id": .string(F.start)], ["id": .string(F.next)],
        .object(edge.merging(["id": .string(F.unused)]) { $1 }),
      ]
    ]
  }

  @Test func anEdgeIntoNowhereIsRefused() {
    let edge = edges(and: ["condition_type": "always", "source_job_id": .string(F.load)])
    #expect(errors(edge) == ["workflows": ["Intake": ["edges": ["Load->": ["target_job_id": ["can't be blank"]]]]]])
  }

  @Test func aCycleWithoutAnEndIsRefused() {
    func back(_ condition: String) -> JSONValue {
      let edge = edges(and: [
        "condition_type": .string(condition), "source_job_id": .string(F.load), "target_job_id": .string(F.fetch),
      ])
      return errors(edge)
    }
    #expect(back("always") == .null, "the way there is taken after a success only")
    let message = "is 'always' on a cycle of edges that are all taken always: it never ends"
    let found = errors([
      "edges": [
        ["id": .string(F.start)], ["id": .string(F.next), "condition_type": "always"],
        [
          "id": .string(F.unused), "condition_type": "always", "source_job_id": .string(F.load),
          "target_job_id": .string(F.fetch),
        ],
      ]
    ])
    let nested: JSONValue = ["condition_type": [.string(message)]]
    #expect(found == ["workflows": ["Intake": ["edges": ["Fetch->Load": nested, "Load->Fetch": nested]]]])
  }

  @Test func aScheduleThatNeverFiresIsRefused() {
    func schedule(_ text: String) -> JSONValue {
      errors(["triggers": [["id": .string(F.hook), "type": "cron", "cron_expression": .string(text)]]])
    }
    #expect(schedule("0 0 29 2 *") == .null)
    let message: JSONValue = ["never fires: there is no such day in any of its months"]
    #expect(
      schedule("0 0 31 2 *") == ["workflows": ["Intake": ["triggers": ["cron": ["cron_expression": message]]]]])
  }

  /// What is there already is no reason to refuse what leaves it alone.
  @Test func onlyWhatIsChangedIsLookedAt() throws {
    var content = F.content
    content.workflows[0].content.triggers[0] = Trigger(
      id: F.hook, type: "cron", cronExpression: "0 0 31 2 *")
    content.workflows[0].content.edges[0].targetJobID = nil
    #expect(try F.importing(content.exported, into: content) == content)
    let other: JSONValue = [
      "id": .string(F.project), "workflows": [["id": .string(F.sync), "name": "Copies"], ["id": .string(F.intake)]],
    ]
    #expect(try F.importing(other, into: content).workflows[0] == content.workflows[0])
    #expect(throws: ImportErrors.self) { try F.importing(workflow: ["name": "Renamed"], into: content) }
  }

  @Test func warningsStandUnderTheNamesOfWhatTheyAreAbout() {
    var content = F.content.intake
    content.jobs.append(Job(id: F.other, name: "Alone", body: "b()"))
    let sync = F.content.workflows[1].content
    let warnings = ImportErrors(warningsAbout: [content, sync])
    #expect(
      warnings.json == [
        "workflows": [
          "Intake": ["jobs": ["Alone": ["base": ["no enabled path from a trigger leads here"]]]],
          "Sync": ["base": ["has no trigger: nothing starts it"]],
        ]
      ])
    #expect(
      warnings.lines == [
        "workflows.Intake.jobs.Alone.base: no enabled path from a trigger leads here",
        "workflows.Sync.base: has no trigger: nothing starts it",
      ])
    #expect(ImportErrors(warningsAbout: [F.content.intake]).isEmpty)
  }
}
