import TestSupport
import Testing
import Workflow

@testable import Storage

/// Conflicts that the writer of rows leaves, in the transaction that writes them.
@Suite struct MergeRecordTests {
  private static let provenance = Provenance(
    .git, actor: Actor(type: "repository", id: "r", name: "main"), commit: "c0ffee")
  private let conflict = Conflict(
    kind: .editEdit, unit: ["workflow", "name"], base: "Intake", live: "Ours", database: "Theirs", winner: .database)
  private let first = ConflictRecord.ID(reconciliation: 1, place: 1)

  private func change(
    _ conflicts: [Conflict], _ edit: @escaping @Sendable (inout WorkflowContent) -> Void
  ) -> ProjectChange {
    ProjectChange(projectID: SampleProject.id, mentionedIDs: [], provenance: Self.provenance) { existing, _ in
      var project = try #require(existing)
      edit(&project.workflows[0].content)
      return ProjectMerge(project: project, conflicts: [SampleProject.workflow: conflicts])
    }
  }

  private func merge(
    _ store: Store, _ conflicts: [Conflict],
    _ edit: @escaping @Sendable (inout WorkflowContent) -> Void = { $0.name = "Theirs" }
  ) throws -> ProjectUpdate {
    try store.wait { store.updateProject(change(conflicts, edit), $0) }
  }

  private func records(_ store: Store) throws -> [ConflictRecord] {
    try store.wait { store.readConflicts(SampleProject.workflow, $0) }
  }

  @Test func theyAreThereWhenNobodyEverOpenedTheDocument() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let update = try merge(store, [conflict])
    #expect(update.conflicts.mapValues { $0.map(\.id) } == [SampleProject.workflow: [first]])
    let record = try #require(try records(store).first)
    #expect(record.id == first && record.conflict == conflict && record.provenance == Self.provenance)
    #expect(record.recordedBy == .merge && record.status == .open && update.conflicts.values.first == [record])
    #expect(try record.revision == store.rows().revision)
    let document = try store.open()
    #expect(document.lastReconciliation == 1 && document.openConflicts == [record])
    let told = try #require(try store.wait { store.readReconciliations(SampleProject.workflow, $0) }.first)
    #expect(told.kind == .merge && told.conflicts == 1 && told.lockVersion == 1 && told.updateBytes == 0)
    #expect(told.changes == [ContentChange(unit: ["workflow", "name"], before: "Intake", after: "Theirs")])
  }

  @Test func theyAreNumberedAmongTheDocumentsRecords() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let document = try store.open()
    #expect(document.lastReconciliation == 0)
    #expect(try merge(store, [conflict, conflict]).conflicts[SampleProject.workflow]?.map(\.id.place) == [1, 2])
    // Two that merge what was written: the one knows of the record, the other does not.
    for (known, number) in [(Int64(1), Int64(2)), (1, 3)] {
      let commit = ServerCommit(
        document: sampleName, kind: .reconcile, update: [], base: document.base,
        expectedBaseRevision: document.base.revision, expectedServerClock: document.serverClock,
        serverClock: document.serverClock, knownReconciliation: known)
      guard case .committed(let result) = try store.make(commit) else { throw StoreError.busy }
      #expect(result.number == number && result.followsUnknown == (number > known + 1))
    }
    let tail = try store.tail()
    #expect(tail.reconciliations.map(\.kind) == [.merge, .reconcile, .reconcile])
    #expect(try store.tail(reconciliation: 1).reconciliations.map(\.number) == [2, 3], "known ones are not read")
    #expect(try store.tail(reconciliation: 3).reconciliations.isEmpty)
    #expect(tail.openConflicts.map(\.id.reconciliation) == [1, 1])
  }

  @Test func serversHearOfThemWhereTheRowsStayAsTheyWere() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let heard = Answers<String?>()
    store.onDocumentReplaced(heard.add)
    let rows = try store.rows()
    let update = try merge(store, [conflict]) { _ in }
    #expect(update.changedWorkflowIDs.isEmpty && update.conflicts[SampleProject.workflow]?.map(\.id) == [first])
    #expect(try store.rows() == rows)
    #expect(try heard.wait(for: 1).first == SampleProject.workflow)
    #expect(try records(store).first?.revision == rows.revision)
  }

  /// The answer to a commit may get lost: then it is made once more.
  @Test func oneAttemptRecordsThemOnce() throws {
    let address = try TestStore.sampleDatabase()
    let connection = try TestStore.connection(address)
    let change = change([conflict]) { $0.name = "Theirs" }
    let records = try (0..<2).map { _ in try change.transaction(connection).run().conflicts }
    #expect(records[0] == records[1] && records[0][SampleProject.workflow]?.map(\.id) == [first])
    #expect(try PlainConnection(address).run("select count(*) from conflicts") == [["1"]])
  }

  @Test func nothingIsRecordedOfWhatIsRefused() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    #expect(throws: ValidationErrors.self) { try merge(store, [conflict]) { $0.name = " " } }
    #expect(try PlainConnection(address).run("select count(*) from reconciliations") == [["0"]])
    #expect(try records(store).isEmpty)
  }
}
