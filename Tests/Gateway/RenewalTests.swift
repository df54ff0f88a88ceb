import Glibc
import Logging
import Reconciliation
import Storage
import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Gateway

/// A document of which something is lost gets a new history.
@Suite struct RenewalTests {
  /// What became of the second of three edits.
  enum Loss: String, CaseIterable, Sendable {
    case missing = "delete from document_updates where sequence = 3"
    case noEntry = "update document_updates set data = '\\xff' where sequence = 3"
    case noUpdate = "update document_updates set data = '\\x030101ff' where sequence = 3"
  }

  private let name = DocumentName(workflowID: SampleProject.workflow)

  private func start(_ address: String) throws -> Store {
    let store = Store(
      configuration: StoreConfiguration(conninfo: address), logger: Logger(label: "test") { _ in SilentLog() })
    try store.migrate()
    store.start()
    return store
  }

  /// Has somebody with a document of his own make an edit.
  private func append(_ client: ClientID, _ store: Store, _ edit: (Doc) throws -> Void) throws {
    let stored = try #require(try store.wait { store.open(name, $0) })
    let doc = Doc(clientID: client)
    try doc.apply(stored.updates[0])
    var update: [UInt8] = []
    let subscription = doc.observeUpdates { update = $0.update }
    defer { subscription.cancel() }
    try doc.transact { try edit(doc) }
    _ = try store.wait { store.append(name, update, $0) }
  }

  @Test(arguments: Loss.allCases) func whatIsReadableBecomesABranchAndNothingIsThrownAway(loss: Loss) throws {
    let address = try TestPostgres.makeDatabase()
    let store = try start(address)
    defer { store.stop() }
    let psql = try PlainConnection(address)
    try psql.run(SampleProject.sql)
    try append(901, store) { try $0.map("workflow").set("name", "first") }
    try append(902, store) { try $0.map("workflow").set("enable_job_logs", .bool(true)) }
    try append(903, store) { try $0.map("workflow").set("concurrency", .int(7)) }
    try psql.run(loss.rawValue)
    let before = try psql.run("select sequence, data from document_updates order by sequence")
    #expect(try store.wait { store.renewDocument(name, policy: .standard, $0) })
    let branches = try store.wait { store.readBranches(SampleProject.workflow, $0) }
    #expect(branches.map(\.content.name) == ["first"])
    #expect(branches.map(\.content.concurrency) == [7], "what stands behind the loss is not lost")
    #expect(
      try psql.run("select sequence, data from document_remains where kind = 'update' order by sequence") == before)
    #expect(try psql.value("select count(*) from document_updates") == "0")
    #expect(try store.wait { store.open(name, $0) } != nil)
  }

  @Test func anEarlierCheckpointStandsInForOneThatCannotBeRead() throws {
    let address = try TestPostgres.makeDatabase()
    let store = try start(address)
    defer { store.stop() }
    let psql = try PlainConnection(address)
    try psql.run(SampleProject.sql)
    try append(901, store) { try $0.map("workflow").set("name", "first") }
    try append(902, store) { try $0.map("workflow").set("concurrency", .int(7)) }
    let doc = Doc()
    let stored = try #require(try store.wait { store.open(name, $0) })
    for update in stored.updates.dropLast() { try doc.apply(update) }
    let hex = doc.encodeStateAsUpdate().map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
    try psql.run(
      """
      insert into document_checkpoints (workflow_id, sequence, state) values
        ('\(SampleProject.workflow)', 2, '\\x\(hex)'), ('\(SampleProject.workflow)', 3, '\\x0101ff');
      delete from document_updates where sequence <= 2
      """)
    #expect(try store.wait { store.renewDocument(name, policy: .standard, $0) })
    let branch = try #require(try store.wait { store.readBranches(SampleProject.workflow, $0) }.first)
    #expect(branch.content.name == "first" && branch.content.concurrency == 7)
    #expect(try psql.value("select count(*) from document_remains where kind = 'checkpoint'") == "2")
  }

  /// It may be all that there is of an edit.
  @Test func whatWaitsForSomethingThatIsLostIsKeptAsItIs() throws {
    let address = try TestPostgres.makeDatabase()
    let store = try start(address)
    defer { store.stop() }
    let psql = try PlainConnection(address)
    try psql.run(SampleProject.sql)
    let stored = try #require(try store.wait { store.open(name, $0) })
    let doc = Doc(clientID: 901)
    try doc.apply(stored.updates[0])
    try doc.transact { try doc.map("positions").set("lost", 1) }
    let known = doc.stateVector
    try doc.transact { try doc.map("positions").set("found", 1) }
    let update = doc.encodeStateAsUpdate(since: known)
    _ = try store.wait { store.append(name, update, $0) }
    #expect(try store.wait { store.renewDocument(name, policy: .standard, $0) })
    #expect(try psql.value("select reason from document_lineages where ended_at is not null") == "renewed")
    #expect(try psql.value("select count(*) from document_remains") == "2")
  }

  @Test func whatIsNoWorkflowAnyMoreIsKeptAsItIs() throws {
    let address = try TestPostgres.makeDatabase()
    let store = try start(address)
    defer { store.stop() }
    let psql = try PlainConnection(address)
    try psql.run(SampleProject.sql)
    try append(901, store) { try $0.map("workflow").set("concurrency", .int(7)) }
    try append(902, store) { try $0.map("workflow").removeValue(forKey: "name") }
    #expect(try store.wait { store.renewDocument(name, policy: .standard, $0) })
    let branches = try store.wait { store.readBranches(SampleProject.workflow, $0) }
    #expect(branches.map(\.content.concurrency) == [7])
    #expect(try psql.value("select count(*) from document_remains") == "3")
  }

  @Test func whatCanBeReadLeavesNoRemains() throws {
    let address = try TestPostgres.makeDatabase()
    let store = try start(address)
    defer { store.stop() }
    let psql = try PlainConnection(address)
    try psql.run(SampleProject.sql)
    try append(901, store) { try $0.map("workflow").set("name", "first") }
    #expect(try store.wait { store.renewDocument(name, policy: .standard, $0) })
    #expect(try store.wait { store.readBranches(SampleProject.workflow, $0) }.isEmpty)
    #expect(try psql.value("select count(*) from document_remains") == "0")
  }
}
