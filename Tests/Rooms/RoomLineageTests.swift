import Rooms
import Testing
import Workflow
import YCRDT
import YProtocol

/// Members that come with another history of the document than the room has.
@Suite struct RoomLineageTests {
  static let earlierRoot: ClientID = 4_242

  /// A document of the same workflow that was made another time: the same content in other items.
  func earlier(_ fixture: RoomFixture, clientID: ClientID = 88) throws -> Doc {
    let doc = Doc(clientID: Self.earlierRoot)
    WorkflowDocument.populate(doc, from: fixture.rows)
    let tab = Doc(clientID: clientID)
    try tab.apply(doc.encodeStateAsUpdate())
    return tab
  }

  func serving(knowing roots: Set<ClientID> = [earlierRoot]) -> RoomFixture {
    var fixture = RoomFixture()
    var stored = fixture.stored
    stored.lineage.earlierRoots = roots
    _ = fixture.send(.join(1, isReadOnly: false))
    _ = fixture.send(.loaded(stored))
    _ = fixture.send(.join(2, isReadOnly: false))
    return fixture
  }

  func record(_ number: Int64, _ content: WorkflowContent) -> BranchRecord {
    BranchRecord(number: number, content: content, base: nil, recordedAt: "", updatedAt: "")
  }

  func drafts(_ effects: [Room.Effect]) -> [BranchDraft] {
    effects.compactMap { if case .keepBranch(_, let draft) = $0 { draft } else { nil } }
  }

  func hasDocument(_ effects: [Room.Effect]) -> Bool {
    effects.contains { effect in
      switch effect {
      case .send(_, .syncStep2), .broadcast(.update, _), .append: true
      default: false
      }
    }
  }

  @Test(arguments: [true, false])
  func g14_whoComesWithAnotherHistoryGetsNothingAndAddsNothing(isKnown: Bool) throws {
    var fixture = serving(knowing: isKnown ? [Self.earlierRoot] : [])
    let tab = try earlier(fixture)
    let known = tab.stateVector
    let typed = try fixture.update(of: tab) {
      try tab.array("jobs")[0].map?["body"]?.text?.insert("typed ", at: 0)
    }
    var effects = fixture.send(.message(2, .syncStep1(known.encoded())))
    #expect(effects.contains(.setAside(2)) == isKnown)
    effects += fixture.send(.message(2, .update(typed)))
    effects += fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate())))
    #expect(effects.count { $0 == .setAside(2) } == 1)
    #expect(effects.messages(to: 2).contains(.syncStep1(StateVector().encoded())), "it is asked for all that it has")
    // Where its history was not known it is asked again, and answers.
    if !isKnown { effects += fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate()))) }
    #expect(!hasDocument(effects))
    let draft = try #require(drafts(effects).first)
    let kept = Doc()
    for update in draft.updates { try kept.apply(update) }
    #expect(try WorkflowDocument.extract(kept).jobs[0].body == "typed get('/patients')")
    #expect(draft.live == fixture.rows.content)
    guard case .reply(7, .live(let live))? = fixture.send(.request(7, .read)).first else { return #expect(Bool(false)) }
    #expect(live.content == fixture.rows.content)
  }

  @Test func whatHasItIsToldAndAcknowledgedOnceItIsKept() throws {
    var fixture = serving()
    let tab = try earlier(fixture)
    _ = fixture.send(.message(1, .event("")))
    _ = fixture.send(.message(2, .syncStep1(tab.stateVector.encoded())))
    _ = fixture.send(.message(2, .event("")))
    #expect(fixture.send(.message(2, .syncStatus([1]))) == [])
    let effects = fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate())))
    #expect(effects.messages(to: 2).isEmpty, "nothing is certain yet")
    let record = record(3, fixture.rows.content)
    let told = fixture.send(.branchKept(2, .kept(record, isNew: true)))
    let messages = told.messages(to: 2)
    #expect(messages.last == .syncStatus([1]))
    guard case .permissionDenied(let reason)? = messages.first, case .event(let text)? = messages.dropFirst().first
    else { return #expect(Bool(false), "\(messages)") }
    #expect(reason.contains("branch 3"))
    let event = try JSONValue(parsing: Array(text.utf8))
    #expect(event["type"] == "lineage" && event["outcome"] == "recovered" && event["branch"]?["id"] == 3)
    guard case .event(let news)? = told.messages(to: 1).first else { return #expect(Bool(false), "members hear of it") }
    #expect(try JSONValue(parsing: Array(news.utf8))["type"] == "branch")
    #expect(fixture.send(.message(2, .syncStatus([2]))) == [.send(2, .syncStatus([2]))])
  }

  @Test func whatIsSavedHereIsNoNewsForWhoHasAnotherHistory() throws {
    var fixture = serving()
    let tab = try earlier(fixture)
    _ = fixture.send(.message(1, .event("")))
    _ = fixture.send(.message(2, .syncStep1(tab.stateVector.encoded())))
    _ = fixture.send(.message(2, .event("")))
    let doc = try fixture.replica(clientID: 77)
    let typed = try fixture.update(of: doc) { try doc.map("workflow").set("name", "Typed") }
    _ = fixture.send(.message(1, .update(typed)))
    _ = fixture.send(.appended(through: 1, sequence: 2))
    _ = fixture.send(.request(9, .save(.system)))
    #expect(fixture.send(.rowsRead(fixture.rows)).commits.count == 1)
    let effects = fixture.send(.committed(CommitResult(lastSequence: 3, revision: 31, lockVersion: 4, number: 1)))
    #expect(effects.messages(to: 1).count == 1)
    #expect(effects.messages(to: 2).isEmpty)
  }

  @Test func whatStrangersMakeTheRoomHoldIsBounded() throws {
    var configuration = RoomConfiguration()
    configuration.maximumPendingBytes = 3_000
    var fixture = RoomFixture(configuration: configuration)
    var stored = fixture.stored
    stored.lineage.earlierRoots = [Self.earlierRoot]
    _ = fixture.send(.join(1, isReadOnly: false))
    _ = fixture.send(.loaded(stored))
    for member in 2...5 as ClosedRange<MemberID> {
      let tab = try earlier(fixture, clientID: 80 + member)
      _ = fixture.send(.join(member, isReadOnly: false))
      _ = fixture.send(.message(member, .syncStep1(tab.stateVector.encoded())))
      let effects = fixture.send(.message(member, .update([UInt8](repeating: 7, count: 1_000))))
      let isClosed = effects.contains { if case .close(member, .tryAgainLater) = $0 { true } else { false } }
      #expect(isClosed == (member == 5))
    }
  }

  @Test func laterTypingGoesIntoTheSameBranchWithTheNextTick() throws {
    var fixture = serving()
    let tab = try earlier(fixture)
    _ = fixture.send(.message(2, .syncStep1(tab.stateVector.encoded())))
    _ = fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate())))
    _ = fixture.send(.branchKept(2, .kept(record(3, fixture.rows.content), isNew: true)))
    let typed = try fixture.update(of: tab) { try tab.map("workflow").set("name", "Typed later") }
    #expect(fixture.send(.message(2, .update(typed))) == [])
    #expect(fixture.send(.message(2, .syncStatus([9]))) == [], "it is not safe yet")
    let draft = try #require(drafts(fixture.send(.tick)).first)
    #expect(draft.branch == 3)
    #expect(draft.updates == [typed])
    let effects = fixture.send(.branchKept(2, .kept(record(3, fixture.rows.content), isNew: false)))
    #expect(effects == [.send(2, .syncStatus([9]))], "it is told once where its content went")
  }

  @Test func whatWasTypedIsKeptAfterItsMemberHasGone() throws {
    var fixture = serving()
    let tab = try earlier(fixture)
    _ = fixture.send(.message(2, .syncStep1(tab.stateVector.encoded())))
    _ = fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate())))
    _ = fixture.send(.branchKept(2, .redundant(.equal)))
    let typed = try fixture.update(of: tab) { try tab.map("workflow").set("name", "Typed last") }
    _ = fixture.send(.message(2, .update(typed)))
    let draft = try #require(drafts(fixture.send(.leave(2))).first)
    #expect(draft.updates.count == 2, "with what it builds on")
    _ = fixture.send(.leave(1))
    fixture.now += 60_000
    #expect(!fixture.send(.tick).contains(.unload), "the room stays until it is kept")
    _ = fixture.send(.branchNotKept(2))
    #expect(drafts(fixture.send(.tick)).count == 1, "it is tried again")
    _ = fixture.send(.branchKept(2, .kept(record(1, fixture.rows.content), isNew: true)))
    #expect(fixture.send(.tick).contains(.unload))
  }

  @Test func whoWroteBeforeItsFirstSyncIsAMember() throws {
    var fixture = serving()
    let tab = Doc(clientID: 99)
    let job = Job(id: "00000000-0000-4000-8000-0000000000b2", name: "New")
    try tab.transact { () throws(YError) in _ = try WorkflowDocument.append(job, to: tab) }
    #expect(fixture.send(.message(2, .syncStep1(tab.stateVector.encoded()))) == [], "its origin is not known yet")
    let effects = fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate())))
    #expect(effects.contains { if case .append = $0 { true } else { false } })
    guard case .syncStep2(let update)? = effects.messages(to: 2).last else { return #expect(Bool(false), "\(effects)") }
    try tab.apply(update)
    #expect(try WorkflowDocument.extract(tab).jobs.map(\.name).sorted() == ["Fetch", "New"])
  }

  @Test func whoAddsWhatIsThereAlreadyBeforeItsFirstSyncIsNone() throws {
    var fixture = serving(knowing: [])
    let tab = Doc(clientID: 99)
    try tab.transact { () throws(YError) in _ = try WorkflowDocument.append(fixture.rows.content.jobs[0], to: tab) }
    _ = fixture.send(.message(2, .syncStep1(tab.stateVector.encoded())))
    let effects = fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate())))
    #expect(effects.contains(.setAside(2)))
    #expect(!hasDocument(effects))
  }

  @Test func offlineEditsOfAnUnknownClientAreThoseOfAMember() throws {
    var fixture = serving()
    let tab = try fixture.replica(clientID: 123)
    let typed = try fixture.update(of: tab) { try tab.map("workflow").set("name", "Offline") }
    let answered = fixture.send(.message(2, .syncStep1(tab.stateVector.encoded())))
    #expect(answered.messages(to: 2).contains { if case .syncStep2 = $0 { true } else { false } })
    #expect(fixture.send(.message(2, .syncStep2(typed))).contains(.append(typed, index: 1)))
  }

  @Test func whoHasBothHistoriesIsSetAside() throws {
    for known in [Set([Self.earlierRoot]), []] {
      var fixture = serving(knowing: known)
      let tab = try fixture.replica(clientID: 123)
      try tab.apply(earlier(fixture).encodeStateAsUpdate())
      var effects = fixture.send(.message(2, .syncStep1(tab.stateVector.encoded())))
      effects += fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate(since: fixture.seedVector))))
      #expect(effects.contains(.setAside(2)))
      #expect(!effects.contains { if case .append = $0 { true } else { false } })
    }
  }

  @Test func whoReadsAnotherSavedVersionThanThisGetsNothingDoubled() throws {
    var fixture = RoomFixture(version: 3)
    _ = fixture.send(.join(2, isReadOnly: false))
    _ = fixture.send(.versionLoaded(fixture.rows))
    let tab = try earlier(fixture)
    _ = fixture.send(.message(2, .syncStep1(tab.stateVector.encoded())))
    let effects = fixture.send(.message(2, .syncStep2(tab.encodeStateAsUpdate())))
    #expect(!hasDocument(effects))
    #expect(drafts(effects).isEmpty, "what is written in a saved version is nowhere")
  }

  @Test func aRoomThatKnowsMoreThanItsLogEnds() throws {
    var fixture = serving()
    _ = fixture.send(.logGrew(to: 3))
    _ = fixture.send(.logRead(fixture.tail([], lastSequence: 3)))
    _ = fixture.send(.replaced)
    #expect(fixture.send(.logRead(fixture.tail([], lastSequence: 3))) == [], "nothing has happened")
    _ = fixture.send(.replaced)
    #expect(fixture.send(.logRead(fixture.tail([], lastSequence: 2))).last == .unload, "the database was set back")
  }

  @Test func aRoomOfADocumentThatWasReplacedEnds() throws {
    var fixture = serving()
    #expect(fixture.send(.replaced) == [.readLog(after: 1)])
    #expect(fixture.send(.request(9, .save(.member))) == [])
    var tail = fixture.tail([], lastSequence: 2)
    tail.incarnation = 99
    let effects = fixture.send(.logRead(tail))
    #expect(effects.suffix(2) == [.unload, .askAgain(9, .save(.member))])
    #expect(effects.count { if case .close(_, .tryAgainLater) = $0 { true } else { false } } == 2)
  }
}
