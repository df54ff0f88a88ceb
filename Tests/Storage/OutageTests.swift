import Glibc
import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// The database goes away in the middle of everything.
@Suite(.serialized) struct OutageTests {
  private func durableCluster() throws -> EmbeddedCluster {
    var options = EmbeddedCluster.Options()
    options.settings = ["shared_buffers": "16MB"]
    let cluster = EmbeddedCluster(
      directory: TestPostgres.makeClusterDirectory(), options: options, logger: TestStore.logger)
    try cluster.start()
    let connection = try TestStore.connection(cluster.conninfo)
    _ = try Migrator(connection: connection).migrate()
    try connection.run(SampleProject.sql)
    return cluster
  }

  @Test func nothingIsAcknowledgedWhileItIsAwayAndAllIsWrittenAfterwards() throws {
    let cluster = try durableCluster()
    defer { cluster.stop() }
    let store = TestStore.start(cluster.conninfo)
    defer { store.stop() }
    _ = try store.open()
    cluster.stop()
    try until("it is noticed") { !store.status.isReachable }

    let answers = Answers<Result<Int64, StoreError>>()
    for step in 0..<500 { store.append(sampleName, [UInt8(step & 255), UInt8(step >> 8)], answers.add) }
    #expect(throws: StoreError.unavailable) { try store.open() }
    let commit = ServerCommit(
      document: sampleName, kind: .reset, update: [], base: Base(empty: "x"), expectedBaseRevision: 0,
      expectedServerClock: 0, serverClock: 0)
    #expect(throws: StoreError.unavailable) { try store.make(commit) }
    #expect(answers.all.isEmpty)
    #expect(store.status.pendingBytes == 1000)

    try cluster.start()
    #expect(try answers.wait(for: 500).allSatisfy { try $0.get() > 1 })
    #expect(try store.tail(after: 1).updates == (0..<500).map { [UInt8($0 & 255), UInt8($0 >> 8)] })
    #expect(store.status.pendingBytes == 0)
    try until("it is noticed") { store.status.isReachable }
  }

  /// Nobody knows yet whether the database answers. Whoever saves then waits for the first connection.
  @Test func aCommitRightAfterTheStartIsNoOutage() throws {
    let address = try TestStore.sampleDatabase()
    let document = try TestStore.start(address).open()
    for _ in 0..<5 {
      let store = Store(configuration: StoreConfiguration(conninfo: address), logger: TestStore.logger)
      store.start()
      defer { store.stop() }
      let commit = ServerCommit(
        document: sampleName, kind: .reset, update: [], base: document.base, contentWrite: .unchanged,
        expectedBaseRevision: document.base.revision, expectedServerClock: document.serverClock,
        serverClock: document.serverClock)
      guard case .committed = try store.make(commit) else { return #expect(Bool(false), "not committed") }
    }
    let away = Store(configuration: StoreConfiguration(conninfo: "host=/nowhere"), logger: TestStore.logger)
    away.start()
    defer { away.stop() }
    let commit = ServerCommit(
      document: sampleName, kind: .reset, update: [], base: document.base, expectedBaseRevision: 0,
      expectedServerClock: 0, serverClock: 0)
    #expect(throws: StoreError.unavailable) { try away.make(commit) }
  }

  /// Committers may be busy for as long as it is away. Who imports hears of it at once all the same.
  @Test func anImportDoesNotWaitForWhatIsStuck() throws {
    let cluster = try durableCluster()
    defer { cluster.stop() }
    let store = TestStore.start(cluster.conninfo) { $0.committers = 1 }
    defer { store.stop() }
    let document = try store.open()
    let (isStuck, mayGo) = (Monitor(false), Monitor(false))
    let change: @Sendable (WorkflowRows) -> WorkflowContent = { rows in
      isStuck.change { $0 = true }
      _ = mayGo.wait(for: .seconds(60)) { $0 ? true : nil }
      return rows.content
    }
    let answers = Answers<String>()
    func update() {
      store.updateWorkflow(SampleProject.workflow, provenance: .unknown, event: "saved", change) { result in
        answers.add("\(result)")
      }
    }
    update()
    #expect(isStuck.wait(for: .seconds(20)) { $0 ? true : nil } == true)
    cluster.stop()
    store.append(sampleName, [1]) { _ in }
    let commit = ServerCommit(
      document: sampleName, kind: .reset, update: [], base: document.base, expectedBaseRevision: 0,
      expectedServerClock: 0, serverClock: 0)
    #expect(throws: StoreError.unavailable) { try store.make(commit) }
    update()
    #expect(
      try answers.wait(for: 1, limit: .seconds(10)) == [
        "\(Result<WorkflowRows?, any Error>.failure(StoreError.unavailable))"
      ])
    mayGo.change { $0 = true }
    _ = try answers.wait(for: 2)
  }

  @Test func whatWaitsIsBounded() throws {
    let cluster = try durableCluster()
    defer { cluster.stop() }
    let store = TestStore.start(cluster.conninfo) { $0.maximumPendingBytes = 10_000 }
    defer { store.stop() }
    let other = DocumentName(workflowID: SampleProject.id)
    _ = try store.open()
    cluster.stop()
    try until("it is noticed") { !store.status.isReachable }
    let answers = Answers<Result<Int64, StoreError>>()
    for _ in 0..<30 { store.append(sampleName, [UInt8](repeating: 7, count: 1000), answers.add) }
    #expect(store.status.pendingBytes == 10_000)
    #expect(answers.all == Array(repeating: .failure(.overloaded), count: 20))
    // After a gap nothing of the document is taken any more, small as it is, until it is read anew.
    store.append(sampleName, [], answers.add)
    #expect(answers.all.last == .failure(.overloaded))
    store.append(other, [], answers.add)
    #expect(answers.all.count == 21)
    try cluster.start()
    _ = try answers.wait(for: 32)
    store.append(sampleName, [1], answers.add)
    #expect(answers.all.last == .failure(.overloaded))
    _ = try store.open()
    try store.append([2])
    #expect(try store.tail(after: 1).updates.last == [2])
  }

  @Test func aKilledConnectionIsReplaced() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    defer { store.stop() }
    let document = try store.open()
    let psql = try PlainConnection(address)
    let answers = Answers<Result<Int64, StoreError>>()
    for step in 0..<300 {
      store.append(sampleName, [UInt8(step & 255), UInt8(step >> 8)], answers.add)
      if step % 30 == 0 {
        try psql.run(
          """
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name like 'heddle %'
          """)
      }
    }
    _ = try answers.wait(for: 300).map { try $0.get() }
    let updates = try store.tail(after: 1).updates
    // One that was in doubt may be there twice: it changes nothing.
    #expect(Set(updates) == Set((0..<300).map { [UInt8($0 & 255), UInt8($0 >> 8)] }))
    #expect(try store.open().lineage == document.lineage)
  }

  @Test func aStatementThatTakesTooLongIsBrokenOff() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address) { $0.statementTimeout = .milliseconds(100) }
    defer { store.stop() }
    _ = try store.open()
    let psql = try PlainConnection(address)
    try psql.run("begin; lock table workflows in access exclusive mode")
    #expect(throws: StoreError.busy) { try store.wait { store.readProject(SampleProject.id, $0) } }
    try psql.run("rollback")
    #expect(try store.wait { store.readProject(SampleProject.id, $0) } != nil)
  }

  /// What only hears of rows is not needed for writing.
  @Test func aListenerThatDoesNotWorkRefusesNoCommit() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address) {
      $0.pollInterval = .milliseconds(20)
      $0.statementTimeout = .milliseconds(100)
    }
    defer { store.stop() }
    let document = try store.open()
    let psql = try PlainConnection(address)
    try psql.run("begin; lock table workflow_outbox in access exclusive mode")
    try until("it is noticed") { !store.status.isReachable }
    let commit = ServerCommit(
      document: sampleName, kind: .resolve([], outcome: "live"), update: [], base: document.base,
      expectedBaseRevision: document.base.revision, expectedServerClock: document.serverClock,
      serverClock: document.serverClock)
    guard case .committed = try store.make(commit) else { return #expect(Bool(false), "not committed") }
    try psql.run("rollback")
    try until("it listens again") { store.status.isReachable }
  }

  @Test func whatCannotExpireIsNoOutage() throws {
    let address = try TestStore.sampleDatabase()
    let psql = try PlainConnection(address)
    try psql.run(
      """
      alter table document_branches rename to elsewhere;
      insert into document_lineages (workflow_id, epoch, root_client_id, ended_at, content)
        values ('\(SampleProject.workflow)', 1, 7, now() - interval '20 years', '{}')
      """)
    let store = TestStore.start(address)
    defer { store.stop() }
    #expect(store.status.isReachable)
    try until("what can expire does") {
      try psql.value("select count(*) from document_lineages where content is not null") == "0"
    }
    try PlainConnection(address).run("alter table elsewhere rename to document_branches")
    let told = Answers<String>()
    store.onRowsChanged(told.add)
    _ = try store.open()
    try PlainConnection(address).run("update jobs set body = 'one'")
    #expect(try told.wait(for: 1).first == SampleProject.workflow)
  }

  /// One document has something that the database never takes: only that one's edits fail, and with them what follows.
  @Test func whatTheDatabaseRefusesHoldsUpNobodyElse() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    defer { store.stop() }
    let other = DocumentName(workflowID: "22222222-2222-4222-8222-2222222222aa")
    let psql = try PlainConnection(address)
    try psql.run(
      """
      insert into workflows (id, project_id, name) values ('\(other.workflowID)', '\(SampleProject.id)', 'other');
      alter table document_updates add constraint small check (length(data) < 100000)
      """)
    _ = try store.open()
    _ = try #require(try store.wait { store.open(other, $0) })
    try psql.run("begin; select 1 from documents for update")
    let (good, bad) = (Answers<Result<Int64, StoreError>>(), Answers<Result<Int64, StoreError>>())
    store.append(other, [0], good.add)
    try until("it is on its way") { store.status.pendingAppends == 1 }
    store.append(sampleName, [UInt8](repeating: 7, count: 100_000), bad.add)
    store.append(other, [1], good.add)
    try psql.run("rollback")
    #expect(try good.wait(for: 2).map { try $0.get() }.last.map { $0 > 1 } == true)
    guard case .failure(.database(let error))? = try bad.wait(for: 1).first else { return #expect(Bool(false)) }
    #expect(error.constraint == "small")
    store.append(sampleName, [2], bad.add)
    #expect(bad.all.last == .failure(.overloaded), "it may build on what is lost")
    #expect(store.status.isReachable && store.status.pendingBytes == 0)
    _ = try store.open()
    #expect(try store.append([3]) == 2)
  }

  @Test func rowsThatChangeDuringAnOutageOfTheListenerAreFound() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address) { $0.pollInterval = .seconds(3600) }
    defer { store.stop() }
    let told = Answers<String>()
    store.onRowsChanged(told.add)
    _ = try store.open()
    let psql = try PlainConnection(address)
    try psql.run("update jobs set body = 'one'")
    #expect(try told.wait(for: 1).last == SampleProject.workflow)
    let before = told.all.count
    try psql.run(
      """
      begin; select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'heddle listener';
      update jobs set body = 'two'; commit
      """)
    #expect(try told.wait(for: before + 1).last == SampleProject.workflow)
  }

  @Test func g12_rowsThatNobodyWasToldOfAreFoundByThePoll() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address) { $0.pollInterval = .milliseconds(50) }
    defer { store.stop() }
    _ = try store.open()
    let told = Answers<String>()
    store.onRowsChanged(told.add)
    // Without any trigger: a restored backup, or a replica that became the primary.
    try PlainConnection(address).run("update documents set base_revision = base_revision - 1")
    #expect(try told.wait(for: 1).first == SampleProject.workflow)
  }

  @Test func theOutboxKeepsNothingOfWorkflowsWithoutDocuments() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    defer { store.stop() }
    let psql = try PlainConnection(address)
    try psql.run("update jobs set body = 'x'")
    #expect(try store.wait { store.staleDocuments($0) } == [])
    #expect(try psql.value("select count(*) from workflow_outbox") == "0")
  }

  /// `pg_ctl stop -m immediate` in the middle of a load, again and again.
  @Test func g13_whatWasAcknowledgedSurvivesCrashes() throws {
    let cluster = try durableCluster()
    defer { cluster.stop() }
    let store = TestStore.start(cluster.conninfo)
    defer { store.stop() }
    _ = try store.open()
    let acknowledged = Answers<UInt32>()
    let stop = Flag()
    let sent = Monitor<UInt32>(0)
    let load = ServiceThread {
      var number: UInt32 = 0
      while !stop.isSet {
        number += 1
        let update = withUnsafeBytes(of: number) { Array($0) }
        store.append(sampleName, update) { [number] result in
          if case .success = result { acknowledged.add(number) }
        }
        if number % 5 == 0 { usleep(1000) }
      }
      sent.change { [number] in $0 = number }
    }
    defer { stop.set() }
    let crashes = TestStore.isLong ? 100 : 4
    for _ in 0..<crashes {
      let before = acknowledged.all.count
      try until("something is acknowledged") { acknowledged.all.count > before + 200 }
      cluster.crash()
    }
    stop.set()
    load.join()
    let total = sent.read { $0 }
    _ = try acknowledged.wait(for: Int(total), limit: .seconds(60))
    let numbers = try store.tail(after: 1).updates.map { $0.withUnsafeBytes { $0.load(as: UInt32.self) } }
    #expect(Set(numbers) == Set(1...total))
    // In order, and again in order where something was repeated.
    #expect(acknowledged.all == Array(1...total))
  }

  /// The answer to a commit gets lost: it happened, and is not done a second time.
  @Test func aCommitWhoseAnswerIsLostIsFoundAgain() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    defer { store.stop() }
    let document = try store.open()
    let commit = ServerCommit(
      document: sampleName, kind: .reset, update: [0, 0], base: document.base,
      expectedBaseRevision: document.base.revision,
      expectedServerClock: try document.doc().stateVector[document.serverClientID], serverClock: 99)
    let connection = try TestStore.connection(address)
    let transaction = CommitTransaction(commit: commit, token: UUIDText.random(), connection: connection)
    let outcome = try transaction.run()
    guard case .committed(let result) = outcome else { return #expect(Bool(false)) }
    #expect(try transaction.run() == .stale(.document))
    #expect(try transaction.earlierResult() == result)
    #expect(try store.open().lastSequence == 2)
  }

  /// The connection is lost while the commit is under way, before it happened: it is made once, on another one.
  @Test func aCommitThatDidNotHappenIsMadeAgain() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    defer { store.stop() }
    let document = try store.open()
    let psql = try PlainConnection(address)
    try psql.run(
      """
      create sequence tries;
      create function die_once() returns trigger language plpgsql as $$
      begin
        if nextval('tries') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if;
        return null;
      end $$;
      create constraint trigger die_once after insert on reconciliations deferrable initially deferred
        for each row execute function die_once();
      """)
    let commit = ServerCommit(
      document: sampleName, kind: .reset, update: [0, 0], base: document.base,
      expectedBaseRevision: document.base.revision,
      expectedServerClock: try document.doc().stateVector[document.serverClientID], serverClock: 99)
    guard case .committed(let result) = try store.make(commit) else { return #expect(Bool(false)) }
    #expect(result.lastSequence == 2)
    #expect(try psql.value("select last_value from tries") == "2")
    #expect(try psql.value("select count(*) from reconciliations") == "1")
    #expect(try store.open().lastSequence == 2)
  }

  @Test func aStoppedStoreWritesWhatItHas() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    _ = try store.open()
    let answers = Answers<Result<Int64, StoreError>>()
    for step in 0..<200 { store.append(sampleName, [UInt8(step)], answers.add) }
    store.stop()
    #expect(answers.all.count == 200)
    #expect(try answers.all.allSatisfy { try $0.get() > 1 })
    store.append(sampleName, [1], answers.add)
    #expect(answers.all.last == .failure(.stopped))
  }
}

extension Base {
  fileprivate init(empty id: String) {
    self.init(content: WorkflowContent(id: id, name: ""), ids: IdSet(), revision: 0, lockVersion: 0)
  }
}
