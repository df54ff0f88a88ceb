import Reconciliation
import Testing
import Workflow
import YCRDT

@Suite struct TextTests {
  @Test func unsavedTypingStaysWhereItWasTyped() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.body("A").insert("// mine\n", at: 18) }
    scenario.write { $0.jobs[0].body = "get('/patients?page=2');\neach(save);\nlog();\n" }
    let result = try scenario.reconcile()
    #expect(try scenario.body("A").string == "get('/patients?page=2');\n// mine\neach(save);\nlog();\n")
    #expect(result.conflicts.isEmpty && scenario.isDirty)
  }

  @Test func overlappingChangesAreMergedAndReported() throws {
    var scenario = try Scenario()
    try scenario.edit {
      let body = try scenario.body("A")
      try body.remove(6..<14)
      try body.insert("clinics", at: 6)
    }
    scenario.write { $0.jobs[0].body = "get('/persons');\neach(save);\n" }
    let result = try scenario.reconcile()
    let text = try scenario.body("A").string
    #expect(text.contains("clinics") && text.hasSuffix("');\neach(save);\n"))
    let conflict = try #require(result.conflicts.first)
    #expect(result.conflicts.count == 1)
    #expect(conflict.kind == .editEdit && conflict.winner == .merged && conflict.unit == ["jobs", "A", "body"])
    #expect(conflict.base == .string(Scenario.fetch) && conflict.database == "get('/persons');\neach(save);\n")
    #expect(conflict.range.map { $0.lowerBound >= 6 && $0.upperBound <= 14 } == true)
  }

  @Test func theSameEditOnBothSidesIsOneEdit() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.body("A").insert("log();\n", at: 18)
      try scenario.body("A").insert("// mine\n", at: 0)
    }
    scenario.write { $0.jobs[0].body = "get('/patients');\nlog();\neach(save);\n" }
    let result = try scenario.reconcile()
    #expect(try scenario.body("A").string == "// mine\nget('/patients');\nlog();\neach(save);\n")
    #expect(result.conflicts.isEmpty && scenario.isDirty)
    // The line belongs to the base now: the database can take it out again.
    scenario.write { $0.jobs[0].body = Scenario.fetch }
    try scenario.reconcile()
    #expect(try scenario.body("A").string == "// mine\n" + Scenario.fetch)
  }

  @Test func anImportOfWhatWasReadFromTheDocumentDoesNotDoubleIt() throws {
    var scenario = try Scenario()
    let written = "function total(rows) {\n  return rows.length;\n}\n"
    try scenario.edit { try scenario.body("A").append(written) }
    scenario.write { $0.jobs[0].body = Scenario.fetch + "function total(rows) {\n  return rows.size;\n}\n" }
    let result = try scenario.reconcile()
    let text = try scenario.body("A").string
    #expect(text.components(of: "function total") == 1, "\(text)")
    #expect(text.contains("length") && text.contains("size"))
    #expect(result.conflicts.count == 1)
    // And going on from there does not either.
    scenario.write { $0.jobs[0].body = Scenario.fetch + "function total(rows) {\n  return rows.count;\n}\n" }
    try scenario.reconcile()
    #expect(try scenario.body("A").string.components(of: "function total") == 1)
  }

  @Test func aBodyThatWasReplacedByANewTextIsMergedByItsContent() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.entity("jobs", "A").setText("body", "// new\n" + Scenario.fetch) }
    scenario.write { $0.jobs[0].body += "log();\n" }
    var result = try scenario.reconcile()
    #expect(try scenario.body("A").string == "// new\n" + Scenario.fetch + "log();\n")
    #expect(result.conflicts.isEmpty && scenario.isDirty)
    // Also the next time, when the base still cannot be found in it.
    scenario.write { $0.jobs[0].body = Scenario.fetch.replacing("patients", with: "people") + "log();\n" }
    result = try scenario.reconcile()
    #expect(try scenario.body("A").string == "// new\nget('/people');\neach(save);\nlog();\n")
    #expect(scenario.isDirty)
  }

  @Test func aReplacedTextThatComesToSayWhatTheRowsSayIsAnchoredAgain() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.entity("jobs", "A").setText("body", Scenario.fetch) }
    scenario.write { $0.jobs[0].body += "log();\n" }
    _ = try scenario.reconcile()
    #expect(!scenario.isDirty)
    let body = try scenario.body("A")
    #expect(body.count(of: try #require(scenario.base).ids) == body.utf16Count)
  }

  @Test func aPlainStringStaysUntilTheDatabaseChangesItAndBecomesSharedTextThen() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.entity("jobs", "A").set("body", .string(Scenario.fetch)) }
    scenario.write { $0.name = "Other" }
    try scenario.reconcile()
    #expect(try scenario.entity("jobs", "A")["body"]?.value == .string(Scenario.fetch))
    try scenario.edit { try scenario.entity("jobs", "A").set("body", .string("// mine\n" + Scenario.fetch)) }
    scenario.write { $0.jobs[0].body += "log();\n" }
    try scenario.reconcile()
    #expect(try scenario.body("A").string == "// mine\n" + Scenario.fetch + "log();\n")
  }

  @Test func jobsThatBothSidesAddedKeepBothTexts() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try WorkflowDocument.append(Job(id: "C", name: "Map", body: "map();\nmine();\n"), to: scenario.member)
    }
    scenario.write { $0.jobs.append(Job(id: "C", name: "Map it", body: "map();\ntheirs();\n")) }
    let result = try scenario.reconcile()
    #expect(try scenario.entity("jobs", "C")["name"]?.json == "Map it")
    #expect(try scenario.body("C").string == "map();\nmine();\ntheirs();\n")
    #expect(Set(result.conflicts.map(\.kind)) == [.addAdd])
    #expect(scenario.ids("jobs") == ["A", "B", "C"])
  }

  @Test func editorsKeepTheirPlaceInATextThatTheDatabaseChanges() throws {
    var scenario = try Scenario()
    let body = try scenario.body("A")
    var touched: [YEvent.ListChange] = []
    let subscription = body.observe { touched += $0.delta }
    scenario.write { $0.jobs[0].body = Scenario.fetch.replacing("each", with: "eachOf") }
    try scenario.reconcile()
    subscription.cancel()
    guard touched.count == 2, case .retain(let length, _) = touched[0] else {
      Issue.record("not one insertion: \(touched)")
      return
    }
    #expect(length == 22)
    #expect(try scenario.body("A") == body)
  }
}

extension String {
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
