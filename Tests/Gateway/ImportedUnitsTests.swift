import Testing
import Workflow

@testable import Gateway

/// Which unsaved edits an import meets.
@Suite struct ImportedUnitsTests {
  private func change(_ unit: [String], _ before: JSONValue? = "a", _ after: JSONValue? = "b") -> ContentChange {
    ContentChange(unit: unit, before: before, after: after)
  }

  private func meets(_ imported: ContentChange, _ edit: ContentChange) -> Bool {
    ImportedUnits([imported], []).meet(edit)
  }

  @Test func theSameUnitAPartAndTheWhole() {
    let name = change(["jobs", "a", "name"])
    let gone = change(["jobs", "a"], ["name": "a"], nil)
    #expect(meets(name, name) && meets(gone, name) && meets(name, gone))
    #expect(!meets(name, change(["jobs", "a", "body"])))
    #expect(!meets(name, change(["jobs", "b", "name"])))
    #expect(!meets(change(["workflow", "name"]), change(["workflow", "concurrency"])))
  }

  @Test func aPositionIsAPartOfItsNode() {
    let position = change(["positions", "a"])
    let gone = change(["jobs", "a"], ["name": "a"], nil)
    #expect(meets(gone, position) && meets(position, gone) && meets(position, position))
    #expect(!meets(change(["jobs", "a", "name"]), position))
    #expect(!meets(position, change(["jobs", "a", "name"])))
  }

  @Test func whatRefersToWhatGoes() {
    let gone = change(["jobs", "a"], ["name": "a"], nil)
    let edge = change(["edges", "e"], nil, ["source_job_id": "a", "target_job_id": "b"])
    let cursor = change(["triggers", "t", "cron_cursor_job_id"], nil, "a")
    #expect(meets(gone, edge) && meets(edge, gone) && meets(gone, cursor) && meets(cursor, gone))
    #expect(!meets(change(["jobs", "c"], ["name": "c"], nil), edge))
    #expect(!meets(change(["jobs", "a"], nil, ["name": "a"]), edge))
  }

  @Test func fieldsThatAreOneUnit() {
    let conflict = Conflict(
      kind: .editEdit, unit: ["jobs", "a", "credential"], base: nil, live: ["project_credential_id": "p"],
      database: ["keychain_credential_id": "k"], winner: .database)
    let units = ImportedUnits([change(["jobs", "a", "keychain_credential_id"])], [conflict])
    #expect(units.meet(change(["jobs", "a", "project_credential_id"])))
    #expect(!units.meet(change(["jobs", "a", "name"])))
  }
}
