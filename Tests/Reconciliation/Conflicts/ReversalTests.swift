import Reconciliation
import TestSupport
import Testing
import Workflow

/// Taking back what a reconciliation brought.
@Suite struct ReversalTests {
  @Test func withoutLaterChangesTheRowsAreAsTheyWere() throws {
    for round in 0..<TestSeed.rounds(300) {
      let seed = TestSeed.value &+ UInt64(round)
      let merge = try MergeCase(seed: seed)
      let (before, after) = (merge.base.content.withoutDanglingReferences(), merge.rows.content)
      let reversal = Reversal(of: before.changes(to: after), in: after)
      #expect(reversal.kept.isEmpty, "seed \(seed)")
      #expect(before.changes(to: reversal.content).isEmpty, "seed \(seed): \(before.changes(to: reversal.content))")
    }
  }

  /// What is not in the changes stays, whatever it is.
  @Test func nothingElseIsTakenBack() throws {
    for round in 0..<TestSeed.rounds(300) {
      let seed = TestSeed.value &+ UInt64(round)
      var merge = try MergeCase(seed: seed)
      let (before, imported) = (merge.base.content, merge.rows.content)
      var now = imported
      for _ in 0..<4 { merge.source.importChange(&now, live: imported) }
      now = now.withoutDanglingReferences()
      let changes = before.changes(to: imported)
      let reversal = Reversal(of: changes, in: now)
      let touched = Set(changes.map(\.unit))
      for change in now.changes(to: reversal.content) where !touched.contains(change.unit) {
        // An edge or a position goes with what it belongs to; a field that is inside of what came back or went is part of it.
        let isWithin = touched.contains(Array(change.unit.prefix(2)))
        let follows = change.kind == .removed || change.unit.last == "cron_cursor_job_id"
        #expect(isWithin || follows, "seed \(seed): \(change)")
      }
    }
  }

  @Test func aTextKeepsWhatWasWrittenSince() {
    let before = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a", name: "A", body: "one\ntwo\nthree\n")])
    var imported = before
    imported.jobs[0].body = "one\nTWO\nthree\n"
    var now = imported
    now.jobs[0].body = "one\nTWO\nthree\nfour\n"
    let reversal = Reversal(of: before.changes(to: imported), in: now)
    #expect(reversal.content.jobs[0].body == "one\ntwo\nthree\nfour\n")
    #expect(reversal.reverted == [["jobs", "a", "body"]])
  }

  @Test func whatWasChangedSinceStays() {
    let before = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a", name: "A")])
    var imported = before
    imported.name = "Imported"
    imported.jobs = [Job(id: "a", name: "B"), Job(id: "b", name: "New")]
    var now = imported
    now.name = "Later"
    now.jobs[1].name = "Edited"
    let reversal = Reversal(of: before.changes(to: imported), in: now)
    #expect(reversal.content.name == "Later")
    #expect(reversal.content.jobs.map(\.name) == ["A", "Edited"])
    #expect(reversal.kept == [["workflow", "name"], ["jobs", "b"]])
  }

  /// A sync gave a job another id, and somebody has saved an edit in it since.
  @Test func whatHasAnotherIdIsTakenBackUnderThatAndKeepsIt() {
    let before = WorkflowContent(
      id: "w", name: "W", jobs: [Job(id: "1", name: "A", body: "one\n")],
      triggers: [Trigger(id: "t", type: "cron", cronCursorJobID: "1")],
      edges: [Edge(id: "e", sourceTriggerID: "t", targetJobID: "1")], positions: ["1": ["x": 1]])
    var imported = before
    imported.jobs = [Job(id: "2", name: "A", body: "two\n")]
    imported.triggers[0].cronCursorJobID = "2"
    imported.edges[0].targetJobID = "2"
    imported.positions = ["2": ["x": 5]]
    var now = imported
    now.jobs[0].body = "two\nmine\n"
    let rename = Rename(collection: "jobs", oldID: "1", newID: "2", matchedBy: .naturalKey)
    let reversal = Reversal(of: before.changes(to: imported), renames: [rename], in: now)
    #expect(reversal.content.jobs == [Job(id: "2", name: "A", body: "one\nmine\n")])
    #expect(reversal.content.edges == imported.edges && reversal.content.triggers == imported.triggers)
    #expect(reversal.content.positions == ["2": ["x": 1]])
    #expect(reversal.reverted == [["jobs", "2", "body"], ["positions", "2"]] && reversal.kept.isEmpty)
  }

  /// An import added a job, which a later sync gave another id.
  @Test func whatWasRenamedLaterIsFound() {
    let before = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a", name: "A")])
    var imported = before
    imported.jobs.append(Job(id: "b", name: "New"))
    imported.edges.append(Edge(id: "e", sourceJobID: "a", targetJobID: "b"))
    var now = imported
    now.jobs[1].id = "c"
    now.edges[0] = Edge(id: "f", sourceJobID: "a", targetJobID: "c")
    let renames = [
      Rename(collection: "jobs", oldID: "b", newID: "c", matchedBy: .naturalKey),
      Rename(collection: "edges", oldID: "e", newID: "f", matchedBy: .naturalKey),
    ]
    let reversal = Reversal(of: before.changes(to: imported), renames: renames, in: now)
    #expect(reversal.content == before)
    #expect(reversal.reverted == [["jobs", "c"], ["edges", "f"]])
  }

  /// Nothing that somebody made goes silently.
  @Test func aNodeThatOthersLeadToStays() {
    let before = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a", name: "A"), Job(id: "b", name: "B")])
    var imported = before
    imported.jobs += [Job(id: "c", name: "C"), Job(id: "d", name: "D"), Job(id: "e", name: "E")]
    imported.edges.append(Edge(id: "ac", sourceJobID: "a", targetJobID: "c"))
    imported.positions = ["c": ["x": 1], "d": ["x": 2], "a": ["x": 3]]
    var now = imported
    now.edges.append(Edge(id: "cb", sourceJobID: "c", targetJobID: "b"))
    now.triggers.append(Trigger(id: "t", type: "cron", cronCursorJobID: "e"))
    let reversal = Reversal(of: before.changes(to: imported), in: now)
    #expect(reversal.content.jobs.map(\.id) == ["a", "b", "c", "e"])
    #expect(reversal.content.edges.map(\.id) == ["cb"])
    #expect(reversal.content.triggers == now.triggers)
    #expect(reversal.content.positions == ["c": ["x": 1]])
    #expect(reversal.kept == [["jobs", "c"], ["jobs", "e"], ["positions", "c"]])
  }

  /// Where an edge begins, and which credential a job has, is one thing of two fields.
  @Test func fieldsThatBelongTogetherAreTakenBackTogether() {
    var before = WorkflowContent(
      id: "w", name: "W", jobs: [Job(id: "a", name: "A", projectCredentialID: "p"), Job(id: "b", name: "B")],
      triggers: [Trigger(id: "t", type: "webhook")])
    before.edges = [Edge(id: "e", sourceTriggerID: "t", targetJobID: "b")]
    var imported = before
    imported.edges[0].sourceTriggerID = nil
    imported.edges[0].sourceJobID = "a"
    imported.jobs[0].projectCredentialID = nil
    var now = imported
    now.jobs.append(Job(id: "c", name: "C"))
    now.edges[0].sourceJobID = "c"
    now.jobs[0].keychainCredentialID = "k"
    let changes = before.changes(to: imported)
    let reversal = Reversal(of: changes, in: now)
    #expect(reversal.content == now)
    #expect(reversal.kept == changes.map(\.unit) && reversal.reverted.isEmpty)
    #expect(Reversal(of: changes, in: imported).content == before)
    // Somebody took them back by hand.
    let undone = Reversal(of: changes, in: before)
    #expect(undone.content == before)
    #expect(undone.reverted == changes.map(\.unit) && undone.kept.isEmpty)
  }

  /// An edge that is there is not lost either.
  @Test func whatWouldLeadToSomethingThatIsGoneStaysAsItIs() {
    var before = WorkflowContent(
      id: "w", name: "W", jobs: ["a", "b", "c"].map { Job(id: $0, name: $0) },
      triggers: [Trigger(id: "t", type: "webhook"), Trigger(id: "k", type: "cron", cronCursorJobID: "b")])
    before.edges = [
      Edge(id: "e", sourceJobID: "a", targetJobID: "b"), Edge(id: "f", sourceTriggerID: "t", targetJobID: "c"),
    ]
    before.positions = ["b": 1, "c": 2]
    var imported = before
    imported.edges.removeFirst()
    imported.edges[0].sourceTriggerID = nil
    imported.edges[0].sourceJobID = "a"
    imported.triggers[1].cronCursorJobID = nil
    imported.positions = ["c": 2]
    var now = imported
    now.jobs.remove(at: 1)
    now.triggers.removeFirst()
    let changes = before.changes(to: imported)
    let reversal = Reversal(of: changes, in: now)
    #expect(reversal.content == now)
    #expect(reversal.kept == changes.map(\.unit) && reversal.reverted.isEmpty)
    #expect(Reversal(of: changes, in: imported).content.isSame(as: before))
  }

  @Test func whatLeadsToWhatComesBackComesBackWithIt() {
    let before = WorkflowContent(
      id: "w", name: "W", jobs: ["a", "b"].map { Job(id: $0, name: $0) },
      triggers: [Trigger(id: "k", type: "cron", cronCursorJobID: "b")],
      edges: [Edge(id: "e", sourceJobID: "a", targetJobID: "b")], positions: ["b": 1])
    let imported = WorkflowContent(
      id: "w", name: "W", jobs: [Job(id: "a", name: "a")], triggers: [Trigger(id: "k", type: "cron")])
    let changes = before.changes(to: imported)
    #expect(Reversal(of: changes, in: imported).content.isSame(as: before))
    #expect(
      Reversal(of: changes.reversed(), in: imported).content.isSame(as: before), "in whatever order they are told of")
  }

  @Test func aTriggerComesBackWithoutAJobThatIsGone() {
    let trigger = Trigger(id: "k", type: "cron", cronCursorJobID: "b")
    let before = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "b", name: "b")], triggers: [trigger])
    var imported = before
    imported.triggers = []
    let reversal = Reversal(of: before.changes(to: imported), in: WorkflowContent(id: "w", name: "W"))
    #expect(reversal.content.triggers == [Trigger(id: "k", type: "cron")])
    #expect(reversal.reverted == [["triggers", "k"]])
  }

  @Test func whatWasMadeAnewSinceStays() {
    let before = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a", name: "A")])
    let imported = WorkflowContent(id: "w", name: "W")
    let now = WorkflowContent(id: "w", name: "W", jobs: [Job(id: "a", name: "Another")])
    let reversal = Reversal(of: before.changes(to: imported), in: now)
    #expect(reversal.content == now)
    #expect(reversal.kept == [["jobs", "a"]] && reversal.reverted.isEmpty)
  }

  @Test func aConnectionComesBackWithoutItsSecrets() {
    let kafka = Trigger(id: "k", type: "kafka", kafkaConfiguration: ["group_id": "g"])
    let before = WorkflowContent(id: "w", name: "W", triggers: [kafka, Trigger(id: "t", type: "webhook")])
    let imported = WorkflowContent(id: "w", name: "W")
    let reversal = Reversal(of: before.changes(to: imported), in: imported)
    #expect(reversal.incomplete == [["triggers", "k"]])
    #expect(Reversal(of: [], in: before).incomplete.isEmpty)
  }
}
