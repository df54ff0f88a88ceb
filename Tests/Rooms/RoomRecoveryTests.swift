import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// How a room goes on after what did not work, and where something was missed.
@Suite struct RoomRecoveryTests {
  private func rename(_ doc: Doc, _ name: String, _ fixture: RoomFixture) throws -> [UInt8] {
    try fixture.update(of: doc) { try doc.map("workflow").set("name", .string(name)) }
  }

  /// Has the rows merged; returns what is to be committed.
  private func reconcile(_ fixture: inout RoomFixture) throws -> ServerCommit {
    fixture.changeRows { $0.name += "!" }
    #expect(fixture.send(.rowsChanged) == [.readRows])
    return try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
  }

  @Test func afterACommitWithoutAnAnswerTheLogIsReadFirst() throws {
    for answer in [Room.Event.storeFailed, .storeRefused("no room")] {
      var fixture = RoomFixture.serving(members: [1])
      _ = try reconcile(&fixture)
      _ = fixture.send(answer)
      fixture.now += fixture.room.configuration.maximumRetryDelay
      #expect(fixture.send(.tick) == [.readLog(after: 1)])
    }
  }

  @Test func aCommitThatWorksEndsTheWaiting() throws {
    var fixture = RoomFixture.serving(members: [1])
    for _ in 0..<4 {
      _ = fixture.send(.rowsChanged)
      _ = fixture.send(.storeFailed)
      fixture.now += fixture.room.configuration.maximumRetryDelay
      #expect(fixture.send(.tick).last == .readRows)
    }
    fixture.changeRows { $0.name = "Theirs" }
    #expect(fixture.send(.rowsRead(fixture.rows)).commits.count == 1)
    _ = fixture.send(.committed(CommitResult(lastSequence: 2, revision: 31, lockVersion: 4, number: 1)))
    #expect(fixture.send(.rowsChanged) == [.readRows])
    _ = fixture.send(.storeFailed)
    fixture.now += fixture.room.configuration.retryDelay
    #expect(fixture.send(.tick).last == .readRows)
  }

  @Test func aMergeThatTheDatabaseRefusesIsTriedAgain() throws {
    var fixture = RoomFixture.serving(members: [1])
    _ = try reconcile(&fixture)
    #expect(fixture.send(.commitRefused(.invalid(ValidationErrors()))) == [])
    fixture.now += fixture.room.configuration.retryDelay
    #expect(fixture.send(.tick) == [.readRows])
  }

  @Test func eachCommitIsComparedWithTheOneBefore() throws {
    var fixture = RoomFixture.serving(members: [1])
    let first = try reconcile(&fixture)
    _ = fixture.send(.committed(CommitResult(lastSequence: 2, revision: 31, lockVersion: 4, number: 1)))
    let second = try reconcile(&fixture)
    #expect(first.serverClock > first.expectedServerClock)
    #expect(second.expectedServerClock == first.serverClock)
  }

  @Test func aRoomThatStillHasToMergeStays() {
    var fixture = RoomFixture()
    #expect(fixture.send(.rowsChanged) == [.load])
    #expect(fixture.send(.loaded(fixture.stored)) == [.readRows])
    #expect(fixture.send(.storeFailed) == [])
    #expect(fixture.send(.tick) == [])
    fixture.now += fixture.room.configuration.retryDelay
    #expect(fixture.send(.tick) == [.readRows])
    #expect(fixture.send(.rowsRead(fixture.rows)) == [])
    #expect(fixture.send(.tick).last == .unload)
  }

  @Test func aDocumentWhoseRowsAreGoneIsMarkedBeforeItIsServed() throws {
    var fixture = RoomFixture()
    var stored = fixture.stored
    stored.currentRevision = nil
    _ = fixture.send(.join(1, isReadOnly: false))
    #expect(fixture.send(.loaded(stored)) == [.readRows])
    let commit = try #require(fixture.send(.rowsRead(nil)).commits.first)
    #expect(commit.base.revision == Base.noRows)
    let fork = try fixture.replica(clientID: 5)
    try fork.apply(commit.update)
    #expect(WorkflowDocument.deletedAt(of: fork) != nil)
  }

  @Test func whoWaitsTooLongForAMergeIsServedWhatThereIs() {
    var fixture = RoomFixture()
    var stored = fixture.stored
    stored.currentRevision = 31
    _ = fixture.send(.join(1, isReadOnly: false))
    #expect(fixture.send(.loaded(stored)) == [.readRows])
    fixture.now += fixture.room.configuration.openReconcileTimeout - 1
    #expect(fixture.send(.tick).messages(to: 1).isEmpty)
    fixture.now += 1
    #expect(fixture.send(.tick).messages(to: 1).contains { if case .syncStep1 = $0 { true } else { false } })
  }

  /// The database may have been set back: until the log was read the room does not know what its state stands for.
  @Test func noCheckpointIsTakenWhileTheDocumentMayBeAnotherOne() throws {
    var configuration = RoomConfiguration()
    configuration.checkpointUpdates = 1
    var fixture = RoomFixture.serving(members: [1], configuration: configuration)
    let doc = try fixture.replica(clientID: 77)
    _ = fixture.send(.message(1, .update(try rename(doc, "Mine", fixture))))
    #expect(fixture.send(.rowsChanged) == [.readRows])
    #expect(fixture.send(.replaced) == [])
    #expect(fixture.send(.appended(through: 1, sequence: 2)) == [])
    #expect(fixture.send(.rowsRead(fixture.rows)) == [.readLog(after: 2)])
  }

  /// It stands for the log, which is thrown away: what waits for something that is missing is part of it.
  @Test func aCheckpointHoldsWhatCameTooEarly() throws {
    var configuration = RoomConfiguration()
    configuration.checkpointUpdates = 1
    var fixture = RoomFixture.serving(members: [1], configuration: configuration)
    let doc = try fixture.replica(clientID: 77)
    let (first, second) = (try rename(doc, "one", fixture), try rename(doc, "two", fixture))
    _ = fixture.send(.message(1, .syncStep2([0, 0])))
    #expect(fixture.send(.message(1, .update(second))) == [.append(second, index: 1)])
    guard case .checkpoint(let state, through: 2)? = fixture.send(.appended(through: 1, sequence: 2)).first else {
      return #expect(Bool(false))
    }
    let loaded = Doc(clientID: 78)
    try loaded.apply(state)
    try loaded.apply(first)
    #expect(loaded.map("workflow")["name"]?.value == "two")
  }

  @Test(arguments: [true, false]) func aBranchIsMergedInOneCommit(isNews: Bool) throws {
    var fixture = RoomFixture.serving(members: [1])
    var content = fixture.rows.content
    if isNews { content.name = "Branch" }
    let branch = BranchRecord(number: 3, content: content, base: fixture.rows.content, recordedAt: "", updatedAt: "")
    #expect(fixture.send(.request(9, .recover(branch, .system))) == [.readRows])
    // Also where nothing is left to merge: the branch is decided.
    let commit = try #require(fixture.send(.rowsRead(fixture.rows)).commits.first)
    #expect(commit.kind == .recover(branch))
    let change = ContentChange(unit: ["workflow", "name"], before: "Sync patients", after: "Branch")
    #expect(commit.changes == (isNews ? [change] : []))
    #expect(commit.update.isEmpty == !isNews)
    let result = CommitResult(lastSequence: isNews ? 2 : 1, revision: 30, lockVersion: 3, number: 1)
    #expect(fixture.send(.committed(result)).contains(.reply(9, .recovered(changes: commit.changes, []))))
  }
}
