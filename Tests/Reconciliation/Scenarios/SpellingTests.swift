import Reconciliation
import Testing
import Workflow
import YCRDT

/// Values that say the same in different spellings are equal: no operation, no conflict.
@Suite struct SpellingTests {
  private func expectSilence(_ scenario: inout Scenario, _ comment: Comment) throws {
    // The lock version is the one thing that may differ; have it in the document already.
    scenario.rows.lockVersion = 1
    let before = scenario.server.encodeStateAsUpdate()
    let result = try scenario.reconcile()
    #expect(scenario.server.encodeStateAsUpdate() == before, comment)
    #expect(!result.changed && result.conflicts.isEmpty && !scenario.isDirty, comment)
  }

  @Test func nothingIsNullAndAbsentAndEmpty() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.entity("jobs", "A").removeValue(forKey: "project_credential_id")
      try scenario.entity("jobs", "B").set("project_credential_id", "")
      try scenario.entity("edges", "e1").set("condition_label", "")
      try scenario.entity("triggers", "T").removeValue(forKey: "cron_expression")
      try scenario.entity("triggers", "T").set("cron_cursor_job_id", "")
    }
    #expect(!Reconciler().isDirty(scenario.server, base: try #require(scenario.base)))
    scenario.write { $0.edges[0].conditionExpression = "" }
    try expectSilence(&scenario, "absent, null and empty")
  }

  @Test func wholeNumbersAreEqualWithAndWithoutAFraction() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.member.map("workflow").set("concurrency", .float(5))
      try scenario.member.map("positions").set("A", ["x": .float(1), "y": .int(1)])
    }
    scenario.write { _ in }
    try expectSilence(&scenario, "5 and 5.0")
  }

  @Test func lineEndingsAndComposedAccentsDoNotTouchATextEither() throws {
    var scenario = try Scenario { $0.jobs[1].body = "log('é');\nend();\n" }
    scenario.write {
      $0.jobs[0].body = "get('/patients');\r\neach(save);\r\n"
      $0.jobs[1].body = "log('e\u{301}');\r\nend();\r\n"
      $0.jobs[0].name = "Fetch"
    }
    try expectSilence(&scenario, "CR LF and accents")
    // Nor when something else in the text did change.
    scenario.write { $0.jobs[0].body = "get('/people');\r\neach(save);\r\n" }
    try scenario.reconcile()
    #expect(try scenario.body("A").string == "get('/people');\neach(save);\n")
    #expect(!Reconciler().isDirty(scenario.server, base: try #require(scenario.base)))
  }

  @Test func theOrderOfEntitiesAndKeysMeansNothing() throws {
    var scenario = try Scenario()
    scenario.write {
      $0.jobs.reverse()
      $0.edges.reverse()
    }
    try expectSilence(&scenario, "order")
  }

  @Test func keysThatOnlyEditorsKnowAreLeftAlone() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.entity("jobs", "A").set("enabled", true)
      try scenario.entity("edges", "e1").set("workflow_id", "w")
      try scenario.member.map("errors").set("workflow", ["name": ["too long"]])
    }
    scenario.write {
      $0.jobs[0].name = "Get"
      $0.edges[0].enabled = false
    }
    _ = try scenario.reconcile()
    #expect(try scenario.entity("jobs", "A")["enabled"]?.json == true)
    #expect(try scenario.entity("edges", "e1")["workflow_id"]?.json == "w")
    #expect(scenario.member.map("errors").count == 1)
    #expect(!scenario.isDirty)
  }
}
