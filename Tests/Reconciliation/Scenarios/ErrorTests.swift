import Reconciliation
import Testing
import Workflow
import YCRDT

/// Messages about what the database changed go with the change, and no others.
@Suite struct ErrorTests {
  private func errors(_ scenario: Scenario) -> JSONValue { JSONValue(scenario.member.map("errors").json) }

  private func scenario() throws -> Scenario {
    let scenario = try Scenario()
    try scenario.edit {
      try scenario.member.map("errors").set("workflow", ["name": ["w"], "concurrency": ["c"]])
      try scenario.member.map("errors").set("jobs", ["A": ["name": ["n"], "body": ["b"]], "B": ["name": ["n"]]])
      try scenario.member.map("errors").set("edges", ["e2": ["condition_type": ["t"]]])
    }
    return scenario
  }

  @Test func whatIsGoneHasNoErrors() throws {
    var scenario = try scenario()
    scenario.write {
      $0.jobs.removeLast()
      $0.edges.removeLast()
    }
    try scenario.reconcile()
    #expect(
      errors(scenario) == [
        "workflow": ["name": ["w"], "concurrency": ["c"]], "jobs": ["A": ["name": ["n"], "body": ["b"]]],
      ])
  }

  @Test func whatTheDatabaseSetsIsRight() throws {
    var scenario = try scenario()
    scenario.write {
      $0.name = "Right"
      $0.jobs[0].name = "Right"
      $0.jobs[0].body = "right()"
      $0.edges[1].conditionType = "on_job_failure"
    }
    try scenario.reconcile()
    #expect(errors(scenario) == ["workflow": ["concurrency": ["c"]], "jobs": ["B": ["name": ["n"]]]])
  }

  @Test func rowsThatSayNothingNewTouchNone() throws {
    var scenario = try scenario()
    let before = errors(scenario)
    scenario.rows.revision += 1
    let result = try scenario.reconcile()
    #expect(errors(scenario) == before && !result.changed)
  }

  @Test func aSectionThatIsAMapIsReadAsWell() throws {
    let scenario = try Scenario()
    try scenario.edit {
      let jobs = try scenario.member.map("errors").setMap("jobs")
      try jobs.setMap("A").set("adaptor", ["mine"])
      try jobs.set("gone", ["name": ["old"]])
    }
    var found = ValidationErrors()
    found.add(.jobs, "A", "name", "bad")
    let base = try #require(scenario.base)
    _ = try Reconciler().report(found, since: ValidationErrors(), in: scenario.server, base: base)
    #expect(
      JSONValue(scenario.server.map("errors").json) == ["jobs": ["A": ["adaptor": ["mine"], "name": ["bad"]]]])
  }
}
