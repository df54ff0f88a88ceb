import Reconciliation
import Testing
import Workflow
import YCRDT

/// Entities that come back from the database under another id, as after a sync that makes new ids.
@Suite struct RenameTests {
  /// Gives every entity another id, as an importer does that knows nothing of the old ones.
  private func renumber(_ content: inout WorkflowContent) {
    func new(_ id: String?) -> String? { id.map { $0 + "'" } }
    for index in content.jobs.indices { content.jobs[index].id += "'" }
    for index in content.triggers.indices {
      content.triggers[index].id += "'"
      content.triggers[index].cronCursorJobID = new(content.triggers[index].cronCursorJobID)
    }
    for index in content.edges.indices {
      content.edges[index].id += "'"
      content.edges[index].sourceJobID = new(content.edges[index].sourceJobID)
      content.edges[index].sourceTriggerID = new(content.edges[index].sourceTriggerID)
      content.edges[index].targetJobID = new(content.edges[index].targetJobID)
    }
    content.positions = content.positions.map { positions in
      Dictionary(uniqueKeysWithValues: positions.map { ($0.key + "'", $0.value) })
    }
  }

  private func renames(_ result: Reconciliation) -> [String: Rename.Match] {
    Dictionary(uniqueKeysWithValues: result.renames.map { ("\($0.oldID) \($0.newID)", $0.matchedBy) })
  }

  @Test func unsavedEditsGoOnUnderTheNewIDs() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.body("A").insert("// mine\n", at: 18)
      try scenario.entity("jobs", "B").set("adaptor", "dhis2@2")
      try scenario.entity("edges", "e2").set("condition_label", "then")
      try scenario.member.map("positions").set("A", ["x": 7, "y": 7])
    }
    let (body, edge) = (try scenario.body("A"), try scenario.entity("edges", "e2"))
    scenario.write {
      renumber(&$0)
      $0.jobs[0].body += "log();\n"
    }
    let result = try scenario.reconcile()
    #expect(scenario.ids("jobs") == ["A'", "B'"] && scenario.ids("edges") == ["e1'", "e2'"])
    #expect(scenario.ids("triggers") == ["T'"])
    #expect(try scenario.body("A'").string == "get('/patients');\n// mine\neach(save);\nlog();\n")
    #expect(try scenario.body("A'") == body && scenario.entity("edges", "e2'") == edge, "the same types as before")
    #expect(try scenario.entity("jobs", "B'")["adaptor"]?.json == "dhis2@2")
    #expect(edge["condition_label"]?.json == "then")
    #expect(edge["source_job_id"]?.json == "A'" && edge["target_job_id"]?.json == "B'")
    let positions = scenario.member.map("positions")
    #expect(positions.keys.sorted() == ["A'", "B'", "T'"] && positions["A'"]?.json == ["x": 7, "y": 7])
    #expect(result.conflicts.isEmpty && scenario.isDirty)
    #expect(Set(renames(result).values) == [.naturalKey] && result.renames.count == 5)
    #expect(try !scenario.reconcile().changed)
  }

  @Test func withoutUnsavedEditsTheDocumentIsCleanAfterwards() throws {
    var scenario = try Scenario()
    scenario.write { renumber(&$0) }
    let result = try scenario.reconcile()
    #expect(!scenario.isDirty && result.conflicts.isEmpty && result.changed)
    #expect(!State(scenario.member).differs(from: State(scenario.rows.content)))
    // What is typed afterwards is told from the base as before.
    try scenario.edit { try scenario.body("A'").insert("// mine\n", at: 0) }
    scenario.write { $0.jobs[0].body += "log();\n" }
    try scenario.reconcile()
    #expect(try scenario.body("A'").string == "// mine\n" + Scenario.fetch + "log();\n")
  }

  @Test func whatWasOnItsWayDuringTheMergeArrives() throws {
    var scenario = try Scenario()
    let known = scenario.server.stateVector
    try scenario.member.transact { try scenario.body("A").insert("// late\n", at: 0) }
    let late = scenario.member.encodeStateAsUpdate(since: known)
    scenario.write { renumber(&$0) }
    try scenario.reconcile()
    try scenario.server.apply(late)
    #expect(try scenario.body("A'").string == "// late\n" + Scenario.fetch)
    #expect(State(scenario.server) == State(scenario.member))
  }

  @Test func anUnsavedEdgeFollowsTheJobItLeadsTo() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try WorkflowDocument.append(Edge(id: "e3", sourceTriggerID: "T", targetJobID: "B"), to: scenario.member)
    }
    scenario.write { renumber(&$0) }
    let result = try scenario.reconcile()
    let edge = try scenario.entity("edges", "e3")
    #expect(edge["source_trigger_id"]?.json == "T'" && edge["target_job_id"]?.json == "B'")
    #expect(result.conflicts.isEmpty && scenario.isDirty)
  }

  @Test func aConflictIsAboutTheNewID() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.entity("jobs", "A").set("adaptor", "http@3") }
    scenario.write {
      renumber(&$0)
      $0.jobs[0].adaptor = "http@2"
    }
    let result = try scenario.reconcile()
    #expect(result.conflicts.map(ExpectedConflict.init) == [.init(.editEdit, ["jobs", "A'", "adaptor"], .database)])
    #expect(result.conflicts.first?.base == "http@1" && result.conflicts.first?.live == "http@3")
  }

  @Test func aJobThatWasDeletedLiveStaysDeletedUnderTheNewID() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try scenario.remove("edges", "e2")
      try scenario.remove("jobs", "B")
    }
    scenario.write { renumber(&$0) }
    let result = try scenario.reconcile()
    #expect(scenario.ids("jobs") == ["A'"] && result.conflicts.isEmpty && scenario.isDirty)
  }

  @Test func aJobOfAnotherNameIsKnownByItsBody() throws {
    var scenario = try Scenario { $0.jobs[0].body = Scenario.fetch + "log('a line that tells');\n" }
    try scenario.edit { try scenario.body("A").insert("// mine\n", at: 0) }
    scenario.write {
      renumber(&$0)
      $0.jobs[0].name = "Get"
    }
    let result = try scenario.reconcile()
    #expect(renames(result)["A A'"] == .content && renames(result)["e1 e1'"] == .naturalKey)
    #expect(try scenario.body("A'").string.hasPrefix("// mine\nget("))
    #expect(try scenario.entity("jobs", "A'")["name"]?.json == "Get")
  }

  @Test func aJobOfAnotherNameIsKnownByASimilarBody() throws {
    let lines = (0..<20).map { "step(\($0), 'of many');\n" }
    var scenario = try Scenario { $0.jobs[0].body = lines.joined() }
    try scenario.edit { try scenario.body("A").insert("// mine\n", at: 0) }
    scenario.write {
      renumber(&$0)
      $0.jobs[0].name = "Get"
      $0.jobs[0].body = lines.dropFirst(2).joined() + "done();\n"
    }
    let result = try scenario.reconcile()
    #expect(renames(result)["A A'"] == .content)
    #expect(try scenario.body("A'").string == "// mine\n" + lines.dropFirst(2).joined() + "done();\n")
    #expect(result.conflicts.isEmpty)
  }

  @Test(arguments: ["two names", "two bodies", "short bodies", "other bodies"])
  func whatIsAmbiguousIsDeletedAndInserted(kind: String) throws {
    let telling = String(repeating: "a line that tells;\n", count: 4)
    var scenario = try Scenario { content in
      if kind != "short bodies" { content.jobs[0].body = telling }
      if kind == "two bodies" { content.jobs[1].body = telling }
    }
    try scenario.edit { try scenario.body("A").insert("// mine\n", at: 0) }
    scenario.write { content in
      renumber(&content)
      content.jobs[0].name = "Get"
      switch kind {
      case "two names":
        content.jobs[0].name = "Fetch"
        content.jobs.append(Job(id: "C", name: "Fetch", body: telling))
      case "other bodies": content.jobs[0].body = telling.replacing("tells", with: "says")
      default: break
      }
    }
    let result = try scenario.reconcile()
    #expect(renames(result)["A A'"] == nil && renames(result)["B B'"] == .naturalKey)
    #expect(Set(scenario.ids("jobs")).isSuperset(of: ["A", "A'", "B'"]))
    #expect(try scenario.body("A").string.hasPrefix("// mine\n"))
    // The job was edited and deleted; that is the one thing that both sides had their own way.
    #expect(result.conflicts.map(\.unit) == [["jobs", "A"]])
  }

  @Test func whatBothSidesHaveIsAlwaysItself() throws {
    var scenario = try Scenario()
    scenario.write {
      // Names change places, ids do not.
      ($0.jobs[0].name, $0.jobs[1].name) = ($0.jobs[1].name, $0.jobs[0].name)
      $0.jobs.append(Job(id: "C", name: "Fetch", body: $0.jobs[0].body))
    }
    let result = try scenario.reconcile()
    #expect(result.renames.isEmpty && scenario.ids("jobs") == ["A", "B", "C"])
  }

  @Test func anIDThatPeopleUseAlreadyIsTheirs() throws {
    var scenario = try Scenario()
    try scenario.edit {
      try WorkflowDocument.append(Job(id: "B'", name: "Mine", body: "mine();\n"), to: scenario.member)
    }
    scenario.write {
      $0.remove(node: "B")
      $0.jobs.append(Job(id: "B'", name: "Load", body: "upsert();\n"))
    }
    let result = try scenario.reconcile()
    #expect(result.renames.isEmpty && Set(scenario.ids("jobs")) == ["A", "B'"])
    #expect(result.conflicts.contains { $0.kind == .addAdd })
  }

  @Test func triggersAreKnownByTheirTypeAndElseByAllTheySay() throws {
    var scenario = try Scenario { content in
      content.triggers += [
        Trigger(id: "C", type: "cron", cronExpression: "0 1 * * *"),
        Trigger(id: "D", type: "cron", cronExpression: "0 2 * * *"),
      ]
    }
    try scenario.edit { for id in ["C", "D", "T"] { try scenario.entity("triggers", id).set("enabled", false) } }
    scenario.write {
      renumber(&$0)
      $0.triggers[2].cronExpression = "0 3 * * *"
    }
    let result = try scenario.reconcile()
    #expect(renames(result)["T T'"] == .naturalKey && renames(result)["C C'"] == .content)
    #expect(renames(result)["D D'"] == nil)
    #expect(Set(scenario.ids("triggers")) == ["T'", "C'", "D'", "D"])
    for id in ["T'", "C'", "D"] { #expect(try scenario.entity("triggers", id)["enabled"]?.json == false) }
  }

  @Test func twoNodesComeToTheSameBytes() throws {
    var scenario = try Scenario()
    try scenario.edit { try scenario.body("A").insert("// mine\n", at: 0) }
    scenario.write { renumber(&$0) }
    let other = scenario.server.fork(clientID: scenario.server.clientID)
    _ = try Reconciler().merge(rows: scenario.rows, base: scenario.base, into: other)
    try scenario.reconcile()
    #expect(scenario.server.encodeStateAsUpdate() == other.encodeStateAsUpdate())
  }
}
