import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

@Suite struct RoomReconcileTests {
  @Test func nobodyIsServedAStaleVersion() throws {
    var fixture = RoomFixture()
    let stored = fixture.stored
    fixture.changeRows { $0.name = "Imported" }
    _ = fixture.send(.join(1, isReadOnly: false))
    var late = stored
    late.currentRevision = fixture.rows.revision
    #expect(fixture.send(.loaded(late)) == [.readRows])
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(commit.kind == .reconcile)
    #expect(commit.expectedBaseRevision == 30)
    #expect(commit.base.revision == 31)
    let effects = fixture.send(.committed(CommitResult(lastSequence: 2, revision: 31, lockVersion: 4)))
    #expect(effects == [.readRows], "what changed meanwhile is merged as well before anybody is served")
    #expect(fixture.send(.rowsRead(fixture.rows)).messages(to: 1).count == 1)
  }

  @Test func g11_aReconcileIsOneUpdateFrameAndComesAfterItsCommit() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    fixture.changeRows {
      $0.name = "Imported"
      $0.jobs[0].body = "get('/people')"
    }
    #expect(fixture.send(.rowsChanged) == [.readRows])
    let before = fixture.send(.rowsRead(fixture.rows))
    #expect(before.broadcasts.isEmpty)
    #expect(before.commits.count == 1)
    let after = fixture.send(.committed(CommitResult(lastSequence: 2, revision: 31, lockVersion: 4)))
    #expect(after.broadcasts.count == 1)
    // And the same once more is silent.
    #expect(fixture.send(.rowsChanged) == [.readRows])
    #expect(fixture.send(.rowsRead(fixture.rows)) == [])
  }

  @Test func editsBetweenForkAndCommitAreKept() throws {
    var fixture = RoomFixture.serving(members: [1, 2])
    let doc = try fixture.replica(clientID: 77)
    fixture.changeRows { $0.jobs[0].body = "get('/people') // all" }
    _ = fixture.send(.rowsChanged)
    _ = fixture.send(.rowsRead(fixture.rows))
    let update = try fixture.update(of: doc) {
      try doc.array("jobs").elements[0].map?["body"]?.text?.insert("// mine\n", at: 0)
    }
    _ = fixture.send(.message(1, .update(update)))
    let effects = fixture.send(.committed(CommitResult(lastSequence: 2, revision: 31, lockVersion: 4)))
    guard case .update(let reconcile)? = effects.broadcasts.first else { return #expect(Bool(false)) }
    try doc.apply(reconcile)
    #expect(doc.array("jobs").elements[0].map?["body"]?.text?.string == "// mine\nget('/people') // all")
    guard case .reply(1, .live(let live))? = fixture.send(.request(1, .read)).first else { return #expect(Bool(false)) }
    #expect(live.content.jobs[0].body == "// mine\nget('/people') // all")
    #expect(live.isDirty)
  }

  @Test func aCommitThatLostIsWorkedOutAnew() throws {
    var fixture = RoomFixture.serving(members: [1])
    let before = fixture.stored
    fixture.changeRows { $0.name = "Imported" }
    _ = fixture.send(.rowsChanged)
    _ = fixture.send(.rowsRead(fixture.rows))
    // Another node made the very same reconcile.
    let other = Doc(clientID: before.serverClientID)
    try other.apply(fixture.seed.update)
    var base = before.base
    base.content = fixture.rows.content
    base.revision = 31
    base.lockVersion = 4
    let update = try fixture.update(of: other) {
      try other.map("workflow").set("name", "Imported")
      try other.map("workflow").set("lock_version", 4)
    }
    #expect(fixture.send(.commitRefused(.stale)) == [.readLog(after: 1)])
    let effects = fixture.send(.logRead(fixture.tail([update], lastSequence: 2, base: base)))
    #expect(effects.broadcasts == [.update(update)])
    #expect(effects.contains(.readRows))
    #expect(fixture.send(.rowsRead(fixture.rows)).commits.isEmpty)
  }

  @Test func aGapInTheSequenceIsReadFromTheLog() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    _ = fixture.send(.message(1, .update(update)))
    #expect(fixture.send(.appended(through: 1, sequence: 5)) == [.readLog(after: 1)])
  }

  @Test func aSaveWritesTheLiveContentUnderTheNextVersion() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "  Renamed ") }
    _ = fixture.send(.message(1, .update(update)))
    #expect(fixture.send(.request(9, .save(.system))) == [.readRows])
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    guard case .save(let saved) = commit.kind else { return #expect(Bool(false)) }
    #expect(saved.content.name == "Renamed")
    #expect(saved.lockVersion == 4)
    #expect(saved.revision == 30)
    let effects = fixture.send(.committed(CommitResult(lastSequence: 3, revision: 44, lockVersion: 4)))
    #expect(effects.broadcasts.count == 1)
    guard case .reply(9, .saved(let rows))? = effects.first(where: { if case .reply = $0 { true } else { false } })
    else {
      return #expect(Bool(false), "\(effects)")
    }
    #expect(rows.lockVersion == 4)
    #expect(rows.revision == 44)
    // What the server made of the name reached the document.
    guard case .reply(1, .live(let live))? = fixture.send(.request(1, .read)).first else { return #expect(Bool(false)) }
    #expect(live.content.name == "Renamed")
    #expect(!live.isDirty)
    #expect(live.lockVersion == 4)
  }

  @Test func aSaveOfNothingWritesNothing() throws {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.request(9, .save(.system)))
    let effects = fixture.send(.rowsRead(fixture.rows))
    #expect(effects == [.reply(9, .saved(fixture.rows))])
  }

  @Test func aSaveMergesWhatTheDatabaseHasMeanwhileFirst() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Renamed") }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.appended(through: 1, sequence: 2))
    fixture.changeRows { $0.jobs[0].adaptor = "@openfn/language-http@1.0.0" }
    _ = fixture.send(.request(9, .save(.system)))
    let first = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(first.kind == .reconcile)
    #expect(fixture.send(.committed(CommitResult(lastSequence: 3, revision: 31, lockVersion: 4))).contains(.readRows))
    let second = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    guard case .save(let saved) = second.kind else { return #expect(Bool(false)) }
    #expect(saved.content.name == "Renamed")
    #expect(saved.content.jobs[0].adaptor == "@openfn/language-http@1.0.0")
  }

  @Test func whatIsInvalidIsSaidByFieldAndNothingIsWritten() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) { try doc.array("jobs").elements[0].map?.set("name", " ") }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.request(9, .save(.system)))
    #expect(fixture.send(.rowsRead(fixture.rows)) == [.readLog(after: 1)], "another node may have what mends it")
    #expect(fixture.send(.logRead(fixture.tail([], lastSequence: 1))) == [.readRows])
    let effects = fixture.send(.rowsRead(fixture.rows))
    #expect(effects.count == 1)
    let commit = try #require(effects.commits.first)
    #expect(commit.kind == .report && commit.contentWrite == .unchanged, "RoomErrorTests has what becomes of it")
  }

  @Test func aSaveWaitsForWhatAnotherNodeHasToMendTheDocument() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let blank = try fixture.update(of: doc) { try doc.map("workflow").set("name", " ") }
    let mended = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Named") }
    _ = fixture.send(.message(1, .update(blank)))
    _ = fixture.send(.request(9, .save(.system)))
    #expect(fixture.send(.rowsRead(fixture.rows)) == [.readLog(after: 1)])
    _ = fixture.send(.logRead(fixture.tail([mended], lastSequence: 2)))
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    guard case .save(let saved) = commit.kind else { return #expect(Bool(false)) }
    #expect(saved.content.name == "Named")
  }

  @Test func aDeletedWorkflowIsShownAsDeletedAndCannotBeSaved() throws {
    var fixture = RoomFixture.serving(members: [1])
    fixture.changeRows { _ in }
    fixture.rows.deletedAt = "2026-11-21T10:00:00Z"
    _ = fixture.send(.rowsChanged)
    _ = fixture.send(.rowsRead(fixture.rows))
    #expect(fixture.send(.committed(CommitResult(lastSequence: 2, revision: 31, lockVersion: 4))).broadcasts.count == 1)
    _ = fixture.send(.request(9, .save(.system)))
    #expect(fixture.send(.rowsRead(fixture.rows)) == [.reply(9, .deleted)])
  }

  @Test func rowsThatVanishDoNotKeepTheRoomBusy() throws {
    var fixture = RoomFixture.serving(members: [1])
    _ = fixture.send(.rowsChanged)
    let commit = try #require(fixture.send(.rowsRead(nil)).commits.first)
    #expect(commit.base.revision == Base.noRows)
    _ = fixture.send(.committed(CommitResult(lastSequence: 2, revision: Base.noRows, lockVersion: 3)))
    _ = fixture.send(.rowsChanged)
    #expect(fixture.send(.rowsRead(nil)) == [])
  }

  @Test func resetTakesTheDocumentBackToTheRows() throws {
    var fixture = RoomFixture.serving(members: [1])
    let doc = try fixture.replica(clientID: 77)
    let update = try fixture.update(of: doc) {
      try doc.map("workflow").set("name", "Renamed")
      try doc.array("jobs").elements[0].map?["body"]?.text?.insert("// mine\n", at: 0)
    }
    _ = fixture.send(.message(1, .update(update)))
    _ = fixture.send(.request(9, .reset(.system)))
    #expect(fixture.send(.rowsRead(fixture.rows)).commits.first?.kind == .reset)
    let effects = fixture.send(.committed(CommitResult(lastSequence: 3, revision: 30, lockVersion: 3)))
    #expect(effects.contains(.reply(9, .reset(fixture.rows))))
    guard case .update(let reset)? = effects.broadcasts.first else { return #expect(Bool(false)) }
    try doc.apply(reset)
    #expect(try WorkflowDocument.extract(doc) == fixture.rows.content)
  }

  @Test func aStoreThatIsAwayIsTriedAgainLater() throws {
    var fixture = RoomFixture.serving(members: [1])
    fixture.changeRows { $0.name = "Imported" }
    _ = fixture.send(.rowsChanged)
    #expect(fixture.send(.storeFailed) == [])
    #expect(fixture.send(.rowsChanged) == [])
    fixture.now += 1_000
    #expect(fixture.send(.tick) == [.readRows])
  }

  @Test func aColdRoomReconcilesAndGoes() throws {
    var fixture = RoomFixture()
    #expect(fixture.send(.rowsChanged) == [.load])
    let stored = fixture.stored
    fixture.changeRows { $0.name = "Imported" }
    #expect(fixture.send(.loaded(stored)) == [.readRows])
    #expect(fixture.send(.rowsRead(fixture.rows)).commits.count == 1)
    #expect(fixture.send(.committed(CommitResult(lastSequence: 2, revision: 31, lockVersion: 4))) == [.readRows])
    #expect(fixture.send(.rowsRead(fixture.rows)) == [])
    #expect(fixture.send(.tick).last == .unload)
  }

  @Test func whoComesBackToASavedVersionDoesNotSeeItTwice() throws {
    let doc = Doc(clientID: 77)
    for _ in 0..<2 {
      var fixture = RoomFixture(version: 3)
      _ = fixture.send(.join(1, isReadOnly: false))
      _ = fixture.send(.versionLoaded(fixture.rows))
      let answer = fixture.send(.message(1, .syncStep1(doc.stateVector.encoded()))).messages(to: 1)
      guard case .syncStep2(let update)? = answer.first else { return #expect(Bool(false)) }
      try doc.apply(update)
      #expect(doc.array("jobs").count == 1)
    }
  }

  @Test func aSavedVersionIsReadOnlyAndStoredNowhere() throws {
    var fixture = RoomFixture(version: 3)
    #expect(fixture.send(.join(1, isReadOnly: true)) == [.load])
    #expect(fixture.send(.versionLoaded(fixture.rows)) == [])
    guard
      case .syncStep2(let update)? = fixture.send(.message(1, .syncStep1(StateVector().encoded()))).messages(to: 1)
        .first
    else { return #expect(Bool(false)) }
    let doc = Doc(clientID: 77)
    try doc.apply(update)
    #expect(try WorkflowDocument.extract(doc) == fixture.rows.content)
    let edit = try fixture.update(of: doc) { try doc.map("workflow").set("name", "x") }
    #expect(fixture.send(.message(1, .update(edit))).count == 1)
    #expect(fixture.send(.rowsChanged) == [])
    #expect(fixture.send(.request(5, .save(.system))) == [.reply(5, .readOnly)])
  }
}
