import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// Audits find each kind of damage, name it, and find nothing where nothing is wrong.
@Suite struct AuditTests {
  /// Something that is done to what is stored, and what an audit is to call it.
  enum Damage: String, CaseIterable, Sendable {
    case lostEntry = "delete from document_updates where sequence = (select max(sequence) - 1 from document_updates)"
    case lostEnd = "delete from document_updates where sequence = (select max(sequence) from document_updates)"
    case entryTooMany = "update documents set last_sequence = last_sequence - 1"
    case garbledEntry =
      "update document_updates set data = '\\xff' where sequence = (select max(sequence) from document_updates)"
    case garbledUpdate =
      "update document_updates set data = '\\x03010101' where sequence = (select max(sequence) from document_updates)"
    case garbledCheckpoint =
      "update document_checkpoints set state = '\\x01' where sequence = (select max(sequence) from document_checkpoints)"
    case staleCheckpoint = """
      update document_checkpoints set state = (select state from document_checkpoints order by sequence limit 1)
      where sequence = (select max(sequence) from document_checkpoints)
      """
    /// As large as before, and with another letter.
    case otherText = """
      update document_checkpoints set state = overlay(state placing 'X'::bytea from position('[fourth]'::bytea in state) for 1)
      where sequence = (select max(sequence) from document_checkpoints)
      """
    case lostBase = "delete from document_bases"
    case otherBase = """
      update document_bases set content = replace(content::text, 'patients', 'patiXnts')::json;
      update documents set base_revision = base_revision + 1000
      """
    case otherRows = "set session_replication_role = replica; update jobs set name = 'Something else'"
    case otherVersion = "set session_replication_role = replica; update workflows set lock_version = lock_version + 1"
    case clockAhead = "update documents set server_clock = 1000000"
    case otherRoot = "update documents set root_client_id = 4242"
    case noHistory = "delete from document_lineages"
    case garbledBlame = "update document_blame set authorship = '{\"x\": 1}'"
    case recordAhead = "update documents set last_reconciliation = last_reconciliation - 1"

    var kind: DocumentDifference.Kind {
      switch self {
      case .lostEntry, .lostEnd, .entryTooMany: .hole
      case .garbledEntry, .garbledUpdate, .garbledCheckpoint: .unreadable
      case .staleCheckpoint, .otherText: .checkpoint
      case .lostBase, .otherBase: .base
      case .otherRows, .otherVersion: .rows
      case .clockAhead: .clock
      case .otherRoot, .noHistory: .lineage
      case .garbledBlame: .blame
      case .recordAhead: .records
      }
    }
  }

  private static func audit(_ store: Store) throws -> [DocumentDifference] {
    try store.wait { store.audit(sampleName, $0) }
  }

  /// A document with a compacted log, two checkpoints, entries behind them, and a record of a save.
  private static func makeDocument(_ store: Store) throws {
    let doc = try store.open().doc(clientID: 77)
    func append(_ number: String) throws {
      try store.append(try doc.edit { try $0.map("workflow").set("name", .string(number)) })
      try store.append(
        try doc.edit { doc in
          guard let body = doc.array("jobs").elements.first?.map?["body"]?.text else { return }
          try body.insert("[\(number)]", at: 2)
        })
    }
    func checkpoint() throws {
      let end = try store.tail().lastSequence
      store.checkpoint(sampleName, state: doc.encodeStateAsUpdate(), through: end)
      let psql = try PlainConnection(store.configuration.conninfo)
      try until("there is a checkpoint") {
        try psql.value("select max(sequence) from document_checkpoints") == "\(end)"
      }
    }
    try append("first")
    try append("second")
    try checkpoint()
    try append("third")
    try append("fourth")
    try checkpoint()
    try append("fifth")
    let psql = try PlainConnection(store.configuration.conninfo)
    try psql.run(
      """
      insert into reconciliations (workflow_id, id, kind, actor_type, from_revision, revision, lock_version, last_sequence,
        update_bytes, conflicts, number, source)
      values ('\(SampleProject.workflow)', gen_random_uuid(), 'save', 'system', 1, 1, 1, 1, 0, 0, 1, 'save');
      update documents set last_reconciliation = 1;
      """)
  }

  @Test(arguments: Damage.allCases) func damageIsFoundAndNamed(_ damage: Damage) throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    defer { store.stop() }
    try Self.makeDocument(store)
    #expect(try Self.audit(store) == [], "nothing is wrong yet")
    let psql = try PlainConnection(address)
    try psql.run(damage.rawValue)
    let found = try Self.audit(store)
    #expect(found.map(\.kind).contains(damage.kind), "\(found)")
    #expect(found.allSatisfy { $0.workflowID == SampleProject.workflow && !$0.detail.contains("fourth") })
    let known = try store.wait { store.readDifferences($0) }
    #expect(Set(known.map(\.difference.kind)) == Set(found.map(\.kind)))
  }

  /// What is found stays known until it is gone.
  @Test func aDifferenceIsForgottenOnceItIsMended() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    defer { store.stop() }
    try Self.makeDocument(store)
    let psql = try PlainConnection(address)
    try psql.run("update documents set server_clock = server_clock + 1000")
    #expect(try Self.audit(store).map(\.kind) == [.clock])
    #expect(try Self.audit(store).map(\.kind) == [.clock])
    #expect(try psql.value("select count(*) from document_differences") == "1")
    try psql.run("update documents set server_clock = server_clock - 1000")
    #expect(try Self.audit(store) == [])
    #expect(try store.wait { store.readDifferences($0) } == [])
  }

  /// By itself, and it tells whoever wants to know.
  @Test func aServerAuditsByItself() throws {
    let address = try TestStore.sampleDatabase()
    let first = TestStore.start(address) { $0.auditInterval = .zero }
    try Self.makeDocument(first)
    first.stop()
    try PlainConnection(address).run(Damage.otherText.rawValue)
    let told = Answers<DocumentDifference>()
    let store = Store(
      configuration: {
        var configuration = StoreConfiguration(conninfo: address)
        configuration.auditInterval = .milliseconds(20)
        return configuration
      }(), logger: TestStore.logger)
    store.onDifference(told.add)
    store.start()
    defer { store.stop() }
    #expect(try told.wait(for: 1)[0].kind == .checkpoint)
    try until("it is counted") { store.status.auditDifferences > 0 && store.status.auditedDocuments > 0 }
  }

  /// An edit that was in a checkpoint and never got into the log was never acknowledged.
  @Test func aCheckpointMayHoldMoreThanTheLog() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    defer { store.stop() }
    try Self.makeDocument(store)
    let doc = try store.open().doc(clientID: 78)
    let end = try store.tail().lastSequence
    try doc.transact { try doc.map("workflow").set("name", "not in the log") }
    store.checkpoint(sampleName, state: doc.encodeStateAsUpdate(), through: end)
    let psql = try PlainConnection(address)
    try until("there is a checkpoint") { try psql.value("select max(sequence) from document_checkpoints") == "\(end)" }
    #expect(try Self.audit(store) == [])
  }

  @Test func aDocumentThatIsTooLargeIsLeftAlone() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address) { $0.maximumAuditBytes = 100 }
    defer { store.stop() }
    try Self.makeDocument(store)
    #expect(throws: StoreError.self) { try Self.audit(store) }
  }

  @Test func theSampleGoesRoundAndHasEachDocumentOnce() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    defer { store.stop() }
    _ = try store.open()
    let connection = try TestStore.connection(address)
    for _ in 0..<20 { #expect(try AuditRecords.sample(3, connection) == [SampleProject.workflow]) }
  }
}
