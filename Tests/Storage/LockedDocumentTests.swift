import TestSupport
import Testing
import Workflow

@testable import Storage

/// Somebody has a document locked for long: a server that was stopped in the middle of a transaction, or a person with psql.
@Suite struct LockedDocumentTests {
  private static let other = DocumentName(workflowID: "77777777-7777-4777-8777-777777777779")

  /// A store with two open documents, and somebody who has the first one locked.
  private func site(
    _ configure: (inout StoreConfiguration) -> Void = { _ in }
  ) throws -> (store: Store, document: StoredDocument, lock: PlainConnection) {
    let address = try TestStore.sampleDatabase()
    let lock = try PlainConnection(address)
    try lock.run(
      """
      insert into workflows (id, project_id, name) values ('\(Self.other.workflowID)', '\(SampleProject.id)', 'other')
      """)
    let store = TestStore.start(address, configure)
    _ = try store.open()
    let document = try #require(try store.wait { store.open(Self.other, $0) })
    try lock.run("begin; select from documents where workflow_id = '\(SampleProject.workflow)' for update")
    return (store, document, lock)
  }

  private func reset(_ name: DocumentName, _ document: StoredDocument) -> ServerCommit {
    ServerCommit(
      document: name, kind: .reset, update: [], base: document.base, contentWrite: .unchanged,
      expectedBaseRevision: document.base.revision, expectedServerClock: document.serverClock,
      serverClock: document.serverClock)
  }

  @Test func itHoldsUpNoOtherDocument() throws {
    let (store, document, lock) = try site()
    defer { store.stop() }
    let (locked, others) = (Answers<Result<Int64, StoreError>>(), Answers<Result<Int64, StoreError>>())
    for step in 0..<50 {
      store.append(sampleName, [UInt8(step)], locked.add)
      store.append(Self.other, [UInt8(step)], others.add)
    }
    #expect(try others.wait(for: 50, limit: .seconds(20)).allSatisfy { try $0.get() > 1 })
    #expect(locked.all.isEmpty && store.status.pendingAppends == 50)
    // Neither does it hold up a save of another one. Who saves this one hears at once that it does not go now.
    guard case .committed = try store.make(reset(Self.other, document)) else {
      return #expect(Bool(false), "not committed")
    }
    #expect(throws: StoreError.busy) { try store.make(reset(sampleName, document)) }
    for step in 50..<60 { store.append(sampleName, [UInt8(step)], locked.add) }
    #expect(store.status.isReachable)

    try lock.run("rollback")
    #expect(try locked.wait(for: 60).allSatisfy { try $0.get() > 1 })
    #expect(try store.tail(after: 1).updates == (0..<60).map { [UInt8($0)] }, "in their order, each once")
    #expect(store.status.pendingBytes == 0)
  }

  /// More of those than there are committers, and none of them gives up.
  @Test func itsSavesHoldUpNoOtherSave() throws {
    let (store, document, lock) = try site { $0.lockAttempts = 10_000 }
    defer {
      _ = try? lock.run("rollback")
      store.stop()
    }
    let (locked, others) = (
      Answers<Result<CommitOutcome, StoreError>>(), Answers<Result<CommitOutcome, StoreError>>()
    )
    for _ in 0..<2 * store.configuration.committers { store.commit(reset(sampleName, document), locked.add) }
    store.commit(reset(Self.other, document), others.add)
    guard case .success(.committed) = try others.wait(for: 1, limit: .seconds(20))[0] else {
      return #expect(Bool(false), "\(others.all)")
    }
    #expect(locked.all.isEmpty)
    try lock.run("rollback")
    // One of them is first, and the others learn that somebody was.
    for answer in try locked.wait(for: 2 * store.configuration.committers) { _ = try answer.get() }
  }

  /// What nobody can write is given up, as with a database that is away: it was never acknowledged.
  @Test func aStopDoesNotWaitForIt() throws {
    let (store, _, lock) = try site()
    let (locked, others) = (Answers<Result<Int64, StoreError>>(), Answers<Result<Int64, StoreError>>())
    store.append(sampleName, [1], locked.add)
    store.append(Self.other, [1], others.add)
    #expect(try others.wait(for: 1, limit: .seconds(20)).allSatisfy { try $0.get() > 1 })
    let begin = ContinuousClock.now
    store.stop()
    #expect(.now - begin < .seconds(10) * Patience.factor)
    #expect(locked.all == [.failure(.stopped)])
    try lock.run("rollback")
  }

  /// Nobody can say what became of a table that is locked whole; who saves hears that it does not go now.
  @Test func aLockedTableRefusesSaves() throws {
    let (store, document, lock) = try site()
    defer { store.stop() }
    try lock.run("rollback; begin; lock table documents in access exclusive mode")
    let answers = Answers<Result<Int64, StoreError>>()
    store.append(sampleName, [1], answers.add)
    #expect(throws: StoreError.busy) { try store.make(reset(sampleName, document)) }
    #expect(answers.all.isEmpty)
    try lock.run("rollback")
    #expect(try answers.wait(for: 1).allSatisfy { try $0.get() == 2 })
  }

  /// Time between commits is not waited for by who ends the store.
  @Test func aStopDoesNotWaitForTheNextCommit() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address) { $0.commitInterval = .seconds(60) }
    _ = try store.open()
    try store.append([1])
    let answers = Answers<Result<Int64, StoreError>>()
    store.append(sampleName, [2], answers.add)
    let begin = ContinuousClock.now
    store.stop()
    #expect(.now - begin < .seconds(20) * Patience.factor)
    #expect(try answers.all.map { try $0.get() } == [3], "and it is written")
  }
}
