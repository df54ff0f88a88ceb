import Testing
import Workflow

/// Records stay with what they are about when that gets another id.
@Suite struct RenameTests {
  private let job = Rename(collection: "jobs", oldID: "A", newID: "A'", matchedBy: .naturalKey)
  private let edge = Rename(collection: "edges", oldID: "A", newID: "E'", matchedBy: .content)

  private func unit(_ unit: [String], _ renames: [Rename]) -> [String] {
    Conflict(kind: .editEdit, unit: unit, base: nil, live: nil, database: nil, winner: .live).renamed(by: renames).unit
  }

  @Test func unitsFollow() {
    #expect(unit(["jobs", "A", "name"], [job]) == ["jobs", "A'", "name"])
    #expect(unit(["positions", "A"], [job]) == ["positions", "A'"])
    #expect(unit(["jobs", "B", "name"], [job]) == ["jobs", "B", "name"])
    #expect(unit(["triggers", "A"], [job]) == ["triggers", "A"])
    #expect(unit(["jobs", "A"], [edge]) == ["jobs", "A"])
    #expect(unit(["positions", "A"], [edge]) == ["positions", "A"])
    #expect(unit(["edges", "A"], [edge, job]) == ["edges", "E'"])
    #expect(unit(["workflow", "name"], [job]) == ["workflow", "name"])
  }

  @Test func referencesInWhatCanComeBackFollow() {
    let edge = Conflict(
      kind: .editDelete, unit: ["edges", "e"], base: ["source_job_id": "A", "condition_label": "to A"],
      live: ["source_job_id": "A"], database: nil, winner: .kept
    ).renamed(by: [job])
    #expect(edge.base == ["source_job_id": "A'", "condition_label": "to A"])
    #expect(edge.live == ["source_job_id": "A'"])
    let cursor = Conflict(
      kind: .editEdit, unit: ["triggers", "t", "cron_cursor_job_id"], base: nil, live: "A", database: "B", winner: .live
    )
    #expect(cursor.renamed(by: [job]).live == "A'")
    // A name is no reference.
    let name = Conflict(
      kind: .editEdit, unit: ["jobs", "B", "name"], base: nil, live: "A", database: "B", winner: .live)
    #expect(name.renamed(by: [job]) == name)
  }

  @Test func recordsOfRenamesAreReadAsTheyWereWritten() {
    #expect(Rename(json: job.json) == job)
    #expect(Rename(json: ["collection": "jobs"]) == nil)
  }
}
