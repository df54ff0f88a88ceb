import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// What is kept about conflicts and about what servers did.
@Suite struct RecordTests {
  private let conflict = Conflict(
    kind: .editEdit, unit: ["jobs", SampleProject.jobs[0], "body"], base: "a", live: "b", database: "c", range: 3..<5,
    winner: .merged, result: "bc", editors: [7, 1 << 40])

  /// A store whose document was reconciled once, with one conflict.
  private func reconciled() throws -> (address: String, store: Store, document: StoredDocument) {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let document = try store.open()
    let commit = ServerCommit(
      document: sampleName, kind: .reconcile, update: [], base: document.base,
      expectedBaseRevision: document.base.revision, expectedServerClock: document.serverClock,
      serverClock: document.serverClock, conflicts: [conflict],
      changes: [ContentChange(unit: ["workflow", "name"], before: "a", after: "b")],
      provenance: Provenance(.git, actor: Actor(type: "repository", id: "r", name: "main"), commit: "c0ffee"))
    guard case .committed(let result) = try store.make(commit) else { throw StoreError.busy }
    #expect(result.number == 1)
    return (address, store, document)
  }

  @Test func recordsAreReadAsTheyWereWritten() throws {
    let (_, store, _) = try reconciled()
    let document = try store.open()
    #expect(document.lastReconciliation == 1)
    let record = try #require(document.openConflicts.first)
    #expect(record.id == ConflictRecord.ID(reconciliation: 1, place: 1))
    #expect(record.conflict == conflict)
    #expect(
      record.provenance == Provenance(.git, actor: Actor(type: "repository", id: "r", name: "main"), commit: "c0ffee"))
    #expect(record.status == .open)
    let tail = try store.tail()
    #expect(tail.openConflicts == [record])
    #expect(tail.reconciliations.map(\.number) == [1])
    let records = try store.wait { store.readReconciliations(SampleProject.workflow, $0) }
    #expect(records.first?.changes == [ContentChange(unit: ["workflow", "name"], before: "a", after: "b")])
    #expect(records.first?.provenance.commit == "c0ffee")
    #expect(records.first?.conflicts == 1)
  }

  /// Documents take deeper values than the API does, and records hold them some levels further down.
  @Test func valuesOfEveryDepthAreReadAgain() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    var document = try store.open()
    let limits = DocLimits()
    let deep = (0..<limits.valueDepth + limits.jsonDepth).reduce(JSONValue.number(1)) { value, _ in .array([value]) }
    var content = document.base.content
    content.positions = [SampleProject.jobs[0]: deep]
    let conflict = Conflict(
      kind: .editEdit, unit: ["positions", SampleProject.jobs[0]], base: nil, live: deep, database: nil,
      winner: .database)
    // Once what differs, and once the whole base.
    let difference = try #require(document.base.content.difference(to: content))
    for write in [ServerCommit.ContentWrite.difference(difference), .whole] {
      document.base.content = content
      let commit = ServerCommit(
        document: sampleName, kind: .reconcile, update: [], base: document.base, contentWrite: write,
        expectedBaseRevision: document.base.revision, expectedServerClock: document.serverClock,
        serverClock: document.serverClock, conflicts: [conflict],
        changes: [ContentChange(unit: conflict.unit, before: nil, after: deep)])
      guard case .committed = try store.make(commit) else { throw StoreError.busy }
      let read = try store.open()
      // An issue that shows the values would fill the screen.
      #expect((read.base == document.base) as Bool)
      #expect((read.openConflicts.last?.conflict == conflict) as Bool)
      #expect((try store.tail().reconciliations.last?.changes.first?.after == deep) as Bool)
    }
  }

  /// Importers that make new ids: all that is on record follows, in the transaction that tells of it.
  @Test func recordsFollowRenames() throws {
    let (_, store, document) = try reconciled()
    let closed = ConflictClosure(id: ConflictRecord.ID(reconciliation: 1, place: 1), reason: "saved")
    store.closeConflicts(sampleName, [closed])
    let rename = Rename(collection: "jobs", oldID: SampleProject.jobs[0], newID: "new", matchedBy: .content)
    let edge = Conflict(
      kind: .editDelete, unit: ["edges", "e"], base: nil, live: ["target_job_id": "new"], database: nil, winner: .kept)
    let commit = ServerCommit(
      document: sampleName, kind: .reconcile, update: [], base: document.base,
      expectedBaseRevision: document.base.revision, expectedServerClock: document.serverClock,
      serverClock: document.serverClock, conflicts: [edge], renames: [rename])
    guard case .committed = try store.make(commit) else { throw StoreError.busy }
    let records = try store.wait { store.readConflicts(SampleProject.workflow, $0) }
    #expect(records.map(\.conflict) == [conflict.renamed(by: [rename]), edge])
    #expect(records.first?.conflict.unit == ["jobs", "new", "body"])
    #expect(try store.tail().reconciliations.map(\.renames) == [[], [rename]])
    func renames(after number: Int64) throws -> [Rename] {
      try store.wait { store.readRenames(SampleProject.workflow, after: number, $0) }
    }
    #expect(try renames(after: 1) == [rename])
    #expect(try renames(after: 2).isEmpty)
  }

  /// Of one reconciliation there may be many.
  @Test func conflictsArePagedFromTheNewestOn() throws {
    let (_, store, document) = try reconciled()
    var commit = ServerCommit(
      document: sampleName, kind: .reconcile, update: [], base: document.base,
      expectedBaseRevision: document.base.revision, expectedServerClock: document.serverClock,
      serverClock: document.serverClock)
    commit.conflicts = [conflict, conflict, conflict]
    guard case .committed = try store.make(commit) else { throw StoreError.busy }
    func page(before reconciliation: Int64, _ place: Int, limit: Int = 2) throws -> [String] {
      let id = ConflictRecord.ID(reconciliation: reconciliation, place: place)
      return try store.wait {
        store.readConflicts(SampleProject.workflow, status: nil, before: id, limit: limit, $0)
      }.map(\.id.description)
    }
    #expect(try page(before: .max, 1) == ["2-3", "2-2"])
    #expect(try page(before: 2, 2) == ["2-1", "1-1"])
    #expect(try page(before: 2, 3, limit: 9) == ["2-2", "2-1", "1-1"])
    #expect(try page(before: 1, 1) == [])
  }

  @Test func aResolutionIsPartOfItsCommit() throws {
    let (_, store, document) = try reconciled()
    let id = ConflictRecord.ID(reconciliation: 1, place: 1)
    var commit = ServerCommit(
      document: sampleName, kind: .resolve([id], outcome: "live", texts: [id: "b\"c"]), update: [1, 2, 3],
      base: document.base,
      expectedBaseRevision: document.base.revision, expectedServerClock: document.serverClock + 1,
      serverClock: document.serverClock + 3, provenance: Provenance(.resolve, actor: Actor(type: "user", name: "Grace"))
    )
    #expect(try store.make(commit) == .stale(.document))
    #expect(try store.open().openConflicts.count == 1)
    commit.expectedServerClock -= 1
    guard case .committed(let result) = try store.make(commit) else { return #expect(Bool(false)) }
    #expect(result.number == 2)
    #expect(try store.open().openConflicts.isEmpty)
    let record = try #require(try store.wait { store.readConflicts(SampleProject.workflow, ids: [id], $0) }.first)
    #expect(record.status == .resolved)
    #expect(record.outcome == "live")
    #expect(record.conflict.result == "b\"c")
    #expect(record.decidedBy?.name == "Grace")
    #expect(record.decidedAt != nil)
  }

  @Test func onlyOpenConflictsClose() throws {
    let (_, store, _) = try reconciled()
    let id = ConflictRecord.ID(reconciliation: 1, place: 1)
    for reason in ["deleted", "again"] {
      store.closeConflicts(sampleName, [ConflictClosure(id: id, reason: reason)])
      try until("it is closed") { (try? store.open().openConflicts.isEmpty) == true }
    }
    let closed = try store.wait { store.readConflicts(SampleProject.workflow, status: .closed, $0) }
    #expect(closed.map(\.outcome) == ["deleted"])
    #expect(try store.wait { store.readConflicts(SampleProject.workflow, status: .open, $0) }.isEmpty)
  }

  @Test func recordsExpireByPolicyAndNotBefore() throws {
    let (address, store, _) = try reconciled()
    let connection = try TestStore.connection(address)
    func statuses() throws -> [ConflictRecord.Status] {
      try store.wait { store.readConflicts(SampleProject.workflow, $0) }.map(\.status)
    }
    try TestStore.expire(olderThan: .seconds(3600), connection)
    #expect(try statuses() == [.open])
    try connection.run("update conflicts set inserted_at = inserted_at - interval '2 h'")
    try connection.run("update reconciliations set inserted_at = inserted_at - interval '2 h'")
    try TestStore.expire(olderThan: .seconds(3600), connection)
    #expect(try statuses() == [.expired], "it is kept as long again")
    try connection.run("update conflicts set decided_at = decided_at - interval '2 h'")
    try TestStore.expire(olderThan: .seconds(3600), connection)
    #expect(try statuses().isEmpty)
    #expect(try store.wait { store.readReconciliations(SampleProject.workflow, $0) }.isEmpty)
  }

  @Test func rowsSayWhatWroteThem() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    #expect(try store.rows().provenance == .unknown)
    let provenance = Provenance(.importing, actor: Actor(type: "user", name: "Ada"), commit: "c0ffee")
    let written = try store.wait { (done: @escaping @Sendable (Result<WorkflowRows?, any Error>) -> Void) in
      store.updateWorkflow(
        SampleProject.workflow, provenance: provenance, event: "renamed",
        { rows in
          var content = rows.content
          content.name = "Renamed"
          return content
        }, done)
    }
    #expect(written?.provenance == provenance)
    #expect(written?.lockVersion == 1)
    #expect(try store.rows().provenance == provenance)
    try PlainConnection(address).run("update workflows set name = 'by psql'")
    #expect(try store.rows().provenance == .unknown, "what the import wrote is not what is there")
  }
}
