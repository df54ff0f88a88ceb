import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// What is kept of histories that ended, and of what their clients bring.
@Suite struct BranchTests {
  private struct Bench {
    let address: String
    let store: Store
    /// The document as it was at first.
    let document: StoredDocument

    init(_ change: (inout StoreConfiguration) -> Void = { _ in }) throws {
      address = try TestStore.sampleDatabase()
      store = TestStore.start(address, change)
      document = try store.open()
    }

    /// Deletes the document and has it made again, from other rows so that its history is another one.
    func recreate() throws -> StoredDocument {
      try PlainConnection(address).run(
        "delete from documents; update workflows set name = name || ' again' where id = '\(SampleProject.workflow)'")
      return try store.open()
    }

    /// Keeps what is in the rows as a save does.
    func keepVersion() throws {
      func list(_ table: String) -> String {
        "(select coalesce(jsonb_agg(to_jsonb(e) order by e.inserted_at, e.id), '[]') from \(table) e where workflow_id = w.id)"
      }
      try PlainConnection(address).run(
        """
        insert into workflow_snapshots (workflow_id, name, lock_version, jobs, triggers, edges)
        select w.id, w.name, w.lock_version, \(list("jobs")), \(list("triggers")), \(list("workflow_edges")) from workflows w
        """)
    }

    func keep(
      _ updates: [[UInt8]], in document: StoredDocument, branch: Int64? = nil, live: WorkflowContent? = nil
    ) throws -> BranchOutcome {
      try store.wait {
        store.keepBranch(
          BranchDraft(
            document: sampleName, incarnation: document.lineage.incarnation, updates: updates, branch: branch,
            live: live),
          $0)
      }
    }

    func branches(_ status: BranchRecord.Status? = nil) throws -> [BranchRecord] {
      try store.wait { store.readBranches(SampleProject.workflow, status: status, $0) }
    }
  }

  private func record(_ outcome: BranchOutcome) throws -> (BranchRecord, isNew: Bool) {
    guard case .kept(let record, let isNew) = outcome else {
      throw StoreError.damaged("not kept: \(outcome)")
    }
    return (record, isNew)
  }

  /// Types into the first job of a client's document.
  private func type(_ text: String, into doc: Doc, at index: Int = 0) throws -> [UInt8] {
    try doc.edit { try $0.array("jobs")[0].map?["body"]?.text?.insert(text, at: index) }
  }

  @Test func theSameRowsMakeTheSameHistoryAgainAndOthersAnother() throws {
    let bench = try Bench()
    try PlainConnection(bench.address).run("delete from documents")
    let again = try bench.store.open()
    #expect(again.updates == bench.document.updates)
    #expect(again.lineage.root == bench.document.lineage.root)
    #expect(again.lineage.epoch == bench.document.lineage.epoch)
    #expect(again.lineage.incarnation != bench.document.lineage.incarnation)
    #expect(
      again.serverClientID != bench.document.serverClientID, "what servers write is not taken for what they wrote")
    let other = try bench.recreate()
    #expect(other.lineage.root != bench.document.lineage.root)
    #expect(other.lineage.epoch == 2)
    #expect(other.lineage.earlierRoots == [bench.document.lineage.root])
  }

  @Test func afterTheDatabaseWasStartedServersWriteUnderAnotherClientID() throws {
    let bench = try Bench()
    #expect(try bench.store.open() == bench.document, "once is enough")
    try PlainConnection(bench.address).run("update documents set database_life = database_life - 1")
    let later = try bench.store.open()
    #expect(later.serverClientID != bench.document.serverClientID && later.serverClock == 0)
    #expect(later.lineage.incarnation != bench.document.lineage.incarnation)
    #expect(later.lineage.root == bench.document.lineage.root && later.lineage.epoch == bench.document.lineage.epoch)
    #expect(throws: StoreError.unknownDocument) {
      try bench.store.wait {
        bench.store.append(sampleName, incarnation: bench.document.lineage.incarnation, [0, 0], $0)
      }
    }
    #expect(try bench.store.open() == later)
  }

  @Test func whatIsForADocumentThatWasThereBeforeIsNotWritten() throws {
    let bench = try Bench()
    let doc = try bench.document.doc()
    let old = bench.document.lineage.incarnation
    let typed = try type("typed ", into: doc)
    let other = try bench.recreate()
    #expect(throws: StoreError.unknownDocument) {
      try bench.store.wait { bench.store.append(sampleName, incarnation: old, typed, $0) }
    }
    let commit = ServerCommit(
      document: sampleName, incarnation: old, kind: .reconcile, update: typed, base: other.base,
      expectedBaseRevision: other.base.revision, expectedServerClock: other.serverClock, serverClock: other.serverClock)
    #expect(try bench.store.make(commit) == .stale(.document))
    bench.store.checkpoint(sampleName, incarnation: old, state: doc.encodeStateAsUpdate(), through: 1)
    let new = other.lineage.incarnation
    let edit = try type("new ", into: other.doc())
    #expect(try bench.store.wait { bench.store.append(sampleName, incarnation: new, edit, $0) } == 2)
    let stored = try bench.store.open()
    #expect(stored.checkpoint == nil)
    #expect(stored.updates == other.updates + [edit])
  }

  /// The same where it becomes another document while what is appended waits for the lock on it.
  @Test func whatWaitsForADocumentThatBecomesAnotherOneIsNotWritten() throws {
    let bench = try Bench()
    let old = bench.document.lineage.incarnation
    let psql = try PlainConnection(bench.address)
    try psql.run("begin")
    try psql.run("update documents set incarnation = incarnation + 1")
    // It is not waited for long.
    let observer = try PlainConnection(bench.address)
    let answers = Answers<Result<Int64, StoreError>>()
    bench.store.append(sampleName, incarnation: old, [0, 0], answers.add)
    let waiting =
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%document_updates%'"
    try until("the append waits for the lock") { try observer.run(waiting).count == 1 }
    try psql.run("commit")
    let answer = try #require(try answers.wait(for: 1).first)
    #expect(throws: StoreError.unknownDocument) { try answer.get() }
    #expect(try observer.run("select from document_updates").count == bench.document.updates.count)
    #expect(try bench.store.append([0, 0]) == bench.document.lastSequence + 1)
  }

  @Test func whatIsUnchangedOrEqualNeedsNoBranch() throws {
    let bench = try Bench()
    let tab = try bench.document.doc(clientID: 900)
    let other = try bench.recreate()
    #expect(try bench.keep([tab.encodeStateAsUpdate()], in: bench.document) == .outdated)
    // Nothing was ever saved under the version that the client shows, so it is not known what it wrote.
    let live = try WorkflowDocument.extract(other.doc())
    _ = try tab.edit { try $0.map("workflow").set("name", .string(live.name)) }
    #expect(try bench.keep([tab.encodeStateAsUpdate()], in: other, live: live) == .redundant(.equal))
    #expect(try bench.branches().isEmpty)
  }

  @Test func whatDiffersIsKeptOnceAndGrows() throws {
    let bench = try Bench()
    let tab = try bench.document.doc(clientID: 900)
    _ = try type("typed ", into: tab)
    let other = try bench.recreate()
    let (first, isNew) = try record(bench.keep([tab.encodeStateAsUpdate()], in: other))
    #expect(isNew && first.number == 1 && first.version == 1 && first.status == .open)
    #expect(first.content.jobs.first?.body == "typed get(\"/patients\")")
    #expect(try bench.keep([tab.encodeStateAsUpdate()], in: other) == .kept(first, isNew: false), "it comes again")
    let more = try type("more ", into: tab)
    let (second, _) = try record(bench.keep([more], in: other, branch: 1))
    #expect(second.number == 1 && second.version == 2)
    #expect(second.content.jobs.first?.body == "more typed get(\"/patients\")")
    let later = try type("later ", into: tab)
    let (third, _) = try record(bench.keep([tab.encodeStateAsUpdate(), later], in: other))
    #expect(third.number == 1 && third.content.jobs.first?.body == "later more typed get(\"/patients\")")
    #expect(try bench.branches().count == 1)
  }

  @Test func tabsOfOneHistoryShareABranch() throws {
    let bench = try Bench()
    let tabs = try [900, 901].map { try bench.document.doc(clientID: $0) }
    _ = try type("one ", into: tabs[0])
    _ = try tabs[1].edit { try $0.map("workflow").set("name", "two") }
    let other = try bench.recreate()
    for tab in tabs { _ = try bench.keep([tab.encodeStateAsUpdate()], in: other) }
    let branch = try #require(try bench.branches().first)
    #expect(branch.content.name == "two")
    #expect(branch.content.jobs.first?.body == "one get(\"/patients\")")
    #expect(try bench.branches().count == 1)
  }

  @Test func aDeletionTakesNothingAlongThatItsAuthorDidNotKnow() throws {
    let bench = try Bench()
    let tabs = try [900, 901].map { try bench.document.doc(clientID: $0) }
    _ = try type("one ", into: tabs[0])
    _ = try tabs[1].edit { try $0.array("jobs").remove(at: 0) }
    let other = try bench.recreate()
    for _ in 0..<2 {
      for tab in tabs { _ = try bench.keep([tab.encodeStateAsUpdate()], in: other) }
    }
    let branches = try bench.branches()
    #expect(branches.map { $0.content.jobs.count } == [2, 1])
    #expect(branches.first?.content.jobs.first?.body == "one get(\"/patients\")")
    // Who knew what he deletes is heeded.
    _ = try tabs[0].edit { try $0.array("jobs").remove(at: 0) }
    _ = try bench.keep([tabs[0].encodeStateAsUpdate()], in: other)
    #expect(try bench.branches().map { $0.content.jobs.count } == [1, 1])
  }

  @Test func whatIsDecidedStaysDecidedUntilSomebodyTypesOn() throws {
    let bench = try Bench()
    let tab = try bench.document.doc(clientID: 900)
    _ = try type("typed ", into: tab)
    let other = try bench.recreate()
    let (branch, _) = try record(bench.keep([tab.encodeStateAsUpdate()], in: other))
    #expect(try bench.store.wait { bench.store.discardBranch(branch, of: SampleProject.workflow, by: .system, $0) })
    #expect(try bench.keep([tab.encodeStateAsUpdate()], in: other) == .redundant(.decided))
    #expect(try bench.branches(.discarded).map(\.number) == [1])
    _ = try type("more ", into: tab)
    let (again, isNew) = try record(bench.keep([tab.encodeStateAsUpdate()], in: other))
    #expect(again.number == 1 && again.status == .open && isNew)
    #expect(again.base == branch.content, "what was let go is no unsaved edit any more")
    #expect(
      try !bench.store.wait { bench.store.discardBranch(branch, of: SampleProject.workflow, by: .system, $0) },
      "nobody has looked at what was typed since")
  }

  @Test func whatBuildsOnSomethingElseIsAskedFor() throws {
    let bench = try Bench()
    let tab = try bench.document.doc(clientID: 900)
    let typed = try type("typed ", into: tab)
    let other = try bench.recreate()
    #expect(try bench.keep([typed], in: other) == .incomplete)
    #expect(try bench.branches().isEmpty)
  }

  @Test func sizeAndNumberAreBounded() throws {
    let bench = try Bench {
      $0.maximumBranchBytes = 4_000
      $0.maximumOpenBranches = 3
    }
    let other = try bench.recreate()
    for number in 0..<6 as Range<UInt64> {
      // Documents of nobody knows where.
      let doc = Doc(clientID: 7_000 + number)
      WorkflowDocument.populate(doc, from: try bench.store.rows())
      _ = try doc.edit { try $0.map("workflow").set("name", .string("number \(number)")) }
      let outcome = try bench.keep([doc.encodeStateAsUpdate()], in: other)
      if case .refused(let why) = outcome { #expect(why.contains("3 branches")) }
      #expect((number < 3) == (try? record(outcome)).map { _ in true } ?? false)
    }
    let tab = try bench.document.doc(clientID: 900)
    _ = try type(String(repeating: "x", count: 5_000), into: tab)
    guard case .refused(let why) = try bench.keep([tab.encodeStateAsUpdate()], in: other) else {
      return #expect(Bool(false))
    }
    #expect(why.contains("4000"))
    guard case .refused = try bench.keep([[1, 1, 255]], in: other) else { return #expect(Bool(false)) }
    #expect(try bench.branches().count == 3)
  }

  @Test func branchesExpireAndAreForgotten() throws {
    let bench = try Bench()
    let tab = try bench.document.doc(clientID: 900)
    _ = try type("typed ", into: tab)
    let other = try bench.recreate()
    _ = try bench.keep([tab.encodeStateAsUpdate()], in: other)
    let (database, connection) = (try PlainConnection(bench.address), try TestStore.connection(bench.address))
    try TestStore.expire(olderThan: .seconds(3600), connection)
    #expect(try bench.branches().map(\.status) == [.open])
    try database.run("update document_branches set updated_at = now() - interval '2 hours'")
    try TestStore.expire(olderThan: .seconds(3600), connection)
    #expect(try bench.branches().map(\.status) == [.expired])
    #expect(try bench.keep([tab.encodeStateAsUpdate()], in: other) == .redundant(.decided))
    try database.run("update document_branches set decided_at = now() - interval '2 hours'")
    try database.run(
      """
      insert into document_remains (workflow_id, kind, sequence, data, inserted_at) values
        ('\(SampleProject.workflow)', 'update', 1, '', now() - interval '2 hours'),
        ('\(SampleProject.workflow)', 'update', 2, '', now())
      """)
    try TestStore.expire(olderThan: .seconds(3600), connection)
    #expect(try bench.branches().isEmpty)
    #expect(try database.run("select sequence from document_remains") == [["2"]], "nor what nobody could read")
  }

  /// A commit that changes nothing in the document.
  private func commit(_ kind: ServerCommit.Kind, in document: StoredDocument) -> ServerCommit {
    ServerCommit(
      document: sampleName, kind: kind, update: [], base: document.base, contentWrite: .unchanged,
      expectedBaseRevision: document.base.revision, expectedServerClock: document.serverClock,
      serverClock: document.serverClock)
  }

  @Test func recordsAreNumberedOnWhereADocumentIsMadeAgain() throws {
    let bench = try Bench()
    #expect(try bench.store.make(commit(.reset, in: bench.document)).result?.number == 1)
    let other = try bench.recreate()
    #expect(try bench.store.make(commit(.reset, in: other)).result?.number == 2)
  }

  /// Only the document's own row was lost.
  @Test func recordsAreNumberedOnWhereALogGetsADocumentAgain() throws {
    let bench = try Bench()
    #expect(try bench.store.make(commit(.reset, in: bench.document)).result?.number == 1)
    try PlainConnection(bench.address).run(
      "begin; set local session_replication_role = replica; delete from documents; commit")
    #expect(throws: StoreError.self) { try bench.store.open() }
    #expect(try bench.store.wait { bench.store.replaceDocument(sampleName, Self.anew, $0) })
    #expect(try bench.store.make(commit(.reset, in: bench.store.open())).result?.number == 2)
  }

  /// What was merged from a branch went with the document, unless it was saved or let go of in between.
  @Test(arguments: [false, true]) func whatALostHistoryHadTakenOverIsAskedForAgain(isSettled: Bool) throws {
    let bench = try Bench()
    try bench.keepVersion()
    let tab = try bench.document.doc(clientID: 900)
    _ = try type("typed ", into: tab)
    let other = try bench.recreate()
    let (branch, _) = try record(bench.keep([tab.encodeStateAsUpdate()], in: other))
    #expect(branch.base?.jobs == bench.document.base.content.jobs)
    #expect(try bench.store.make(commit(.recover(branch), in: other)).result != nil)
    #expect(try bench.branches(.merged).first?.base == branch.content)
    if isSettled { #expect(try bench.store.make(commit(.reset, in: bench.store.open())).result != nil) }
    let third = try bench.recreate()
    let found = try #require(try bench.branches().first)
    #expect(found.status == (isSettled ? .merged : .open))
    #expect(found.base == (isSettled ? branch.content : branch.base), "what was saved under the version it shows")
    if !isSettled { #expect(found.version > branch.version, "whoever looked at it before has to look again") }
    #expect(
      try bench.keep([tab.encodeStateAsUpdate()], in: third)
        == (isSettled ? .redundant(.decided) : .kept(found, isNew: false)))
  }

  /// Two people merge the same branch at once: its edits must not be there twice.
  @Test func aBranchIsMergedOnceAsItWasRead() throws {
    let bench = try Bench()
    let tab = try bench.document.doc(clientID: 900)
    _ = try type("typed ", into: tab)
    let other = try bench.recreate()
    let (branch, _) = try record(bench.keep([tab.encodeStateAsUpdate()], in: other))
    _ = try type("more ", into: tab)
    _ = try bench.keep([tab.encodeStateAsUpdate()], in: other)
    #expect(try bench.store.make(commit(.recover(branch), in: other)).result != nil, "what was typed since stays open")
    let records = try bench.store.wait { bench.store.readReconciliations(SampleProject.workflow, $0) }.count
    #expect(try bench.store.make(commit(.recover(branch), in: other)) == .stale(.branch))
    #expect(
      try bench.store.wait { bench.store.readReconciliations(SampleProject.workflow, $0) }.count == records,
      "nothing of it was done")
    let read = try #require(try bench.branches(.open).first)
    #expect(read.base == branch.content)
    #expect(try bench.store.make(commit(.recover(read), in: other)).result != nil)
    #expect(try bench.branches(.merged).count == 1)
  }

  /// What a history held when it ended becomes a branch however large it is, and its tabs are no reason to refuse them.
  @Test func tabsOfAHistoryThatEndedLargeAreServed() throws {
    let bench = try Bench { $0.maximumBranchBytes = 4_000 }
    let tab = try bench.document.doc(clientID: 900)
    // Too large for the limits of what a client brings as well.
    try bench.store.append(type(String(repeating: "x", count: 300_000), into: tab))
    #expect(try bench.store.wait { bench.store.replaceDocument(sampleName, Self.anew, $0) })
    let second = try bench.store.open()
    #expect(try bench.branches().count == 1)
    let late = try bench.document.doc(clientID: 901)
    guard case .kept(let branch, isNew: false) = try bench.keep([late.encodeStateAsUpdate()], in: second) else {
      return #expect(Bool(false))
    }
    #expect(branch.number == 1)
  }

  /// A branch that a client brings and one that a loss makes get numbers one after the other.
  @Test func whoeverChangesBranchesWaitsForOthersThatDo() throws {
    let bench = try Bench { $0.lockAttempts = 1 }
    let (psql, connection) = (try PlainConnection(bench.address), try TestStore.connection(bench.address))
    try psql.run(
      "begin; select pg_advisory_xact_lock(hashtextextended('heddle branches ' || '\(SampleProject.workflow)'::uuid, 0))"
    )
    #expect(throws: StoreError.busy) {
      try bench.store.wait { bench.store.replaceDocument(sampleName, Self.anew, $0) }
    }
    try PlainConnection(bench.address).run("delete from documents")
    try connection.run("set lock_timeout = '50ms'")
    #expect(throws: PostgresError.self) { try DocumentSeeder.seed(sampleName, connection) }
    try psql.run("rollback")
    #expect(try DocumentSeeder.seed(sampleName, connection))
  }

  @Test func aBranchThatCannotBeReadDoesNotKeepADocumentFromBeingMade() throws {
    let bench = try Bench()
    let tab = try bench.document.doc(clientID: 900)
    _ = try type("typed ", into: tab)
    let other = try bench.recreate()
    _ = try bench.keep([tab.encodeStateAsUpdate()], in: other)
    try PlainConnection(bench.address).run("update document_branches set state = '\\x0101ff'")
    #expect(try bench.recreate().lineage.root != other.lineage.root)
  }

  /// The new history begins with the rows.
  private static func anew(_ old: ReplacedDocument) throws -> DocumentReplacement {
    let ended = Doc()
    for update in old.updates { try ended.apply(update) }
    let (epoch, seed) = try old.begin(old.rows)
    let doc = Doc(clientID: old.author)
    try doc.apply(seed.update)
    return DocumentReplacement(
      epoch: epoch, root: seed.clientID, doc: doc,
      base: Base(
        content: old.rows.content, ids: seed.ids, revision: old.rows.revision, lockVersion: old.rows.lockVersion),
      ended: ended, isComplete: false)
  }

  /// How a history ended tells what its clients have beyond the next one only as long as that one is there.
  @Test(arguments: [false, true]) func whatALostHistoryWasMadeOfIsNotTakenToBeThere(isSettled: Bool) throws {
    let bench = try Bench()
    let tab = try bench.document.doc(clientID: 900)
    try bench.store.append(type("typed ", into: tab))
    let renewed = try bench.store.wait { done in
      bench.store.replaceDocument(sampleName, Self.whole, done)
    }
    #expect(renewed)
    let second = try bench.store.open()
    #expect(try bench.keep([tab.encodeStateAsUpdate()], in: second) == .redundant(.unchanged))
    if isSettled { #expect(try bench.store.make(commit(.reset, in: second)).result != nil) }
    let third = try bench.recreate()
    let outcome = try bench.keep([tab.encodeStateAsUpdate()], in: third)
    if isSettled {
      #expect(outcome == .redundant(.unchanged))
    } else {
      #expect(try record(outcome).0.content.jobs[0].body.hasPrefix("typed "))
    }
  }

  /// Where the history that held what a branch began with is lost, the branch is compared with what was saved.
  @Test(arguments: [false, true]) func whatABranchBeganWithCanBeLostAsWell(isSettled: Bool) throws {
    let bench = try Bench()
    try bench.keepVersion()
    let tab = try bench.document.doc(clientID: 900)
    try bench.store.append(type("typed ", into: tab))
    #expect(try bench.store.wait { bench.store.replaceDocument(sampleName, Self.whole, $0) })
    let second = try bench.store.open()
    _ = try type("more ", into: tab)
    let (branch, _) = try record(bench.keep([tab.encodeStateAsUpdate()], in: second))
    #expect(branch.base?.jobs[0].body.hasPrefix("typed ") == true)
    if isSettled { #expect(try bench.store.make(commit(.reset, in: second)).result != nil) }
    _ = try bench.recreate()
    let found = try #require(try bench.branches(.open).first)
    #expect(found.content == branch.content)
    #expect(found.base?.jobs[0].body.hasPrefix("typed ") == isSettled)
  }

  /// The new history shows all that the old one did.
  private static func whole(_ old: ReplacedDocument) throws -> DocumentReplacement {
    let base = try #require(old.base)
    let ended = Doc()
    for update in old.updates { try ended.apply(update) }
    let (epoch, seed) = try old.begin(
      WorkflowRows(
        content: WorkflowDocument.extract(ended), projectID: old.rows.projectID, lockVersion: base.lockVersion,
        revision: base.revision))
    let doc = Doc(clientID: old.author)
    try doc.apply(seed.update)
    return DocumentReplacement(
      epoch: epoch, root: seed.clientID, doc: doc, base: base, ended: ended, isComplete: true)
  }
}

extension CommitOutcome {
  fileprivate var result: CommitResult? { if case .committed(let result) = self { result } else { nil } }
}
