import TestSupport
import Testing
import Workflow

@testable import Storage

/// The history of what a workflow was.
@Suite struct VersionHistoryTests {
  private func write(_ store: Store, _ source: Provenance.Source, _ name: String) throws {
    _ = try store.wait {
      store.updateProject(
        SampleProject.id, mentionedIDs: [], provenance: Provenance(source),
        { existing, _ in
          var project = try #require(existing)
          project.workflows[0].content.name = name
          return project
        }, $0)
    }
  }

  private func history(_ store: Store) throws -> [String] {
    try #require(try store.wait { store.readProject(SampleProject.id, $0) }).versionHistories[SampleProject.workflow]
      ?? []
  }

  private func entry(_ store: Store, _ source: String) throws -> String {
    try source + ":" + store.rows().content.versionHash
  }

  @Test func oneKindOfWriterHasOneEntryInARow() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    #expect(try history(store).isEmpty)
    try write(store, .importing, "One")
    let first = try entry(store, "cli")
    #expect(try history(store) == [first])
    try write(store, .git, "Two")
    let second = try entry(store, "cli")
    #expect(try history(store) == [second] && first != second, "squashed")
    try write(store, .save, "Three")
    let third = try entry(store, "app")
    try write(store, .restore, "Two")
    let fourth = try entry(store, "app")
    #expect(try history(store) == [second, fourth] && third != fourth)
    // The same content, and another kind of writer that had no part in it.
    try write(store, .sandbox, "Two")
    #expect(try history(store) == [second, fourth], "nothing was written")
    #expect(
      try PlainConnection(address).run("select source || ':' || hash from workflow_versions order by number")
        == [[second], [fourth]])
  }

  @Test func aSaveNotesIt() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let document = try store.open()
    var rows = try store.rows()
    rows.content.name = "Saved"
    var base = document.base
    base.content = rows.content
    let commit = ServerCommit(
      document: sampleName, kind: .save(rows), update: [], base: base, expectedBaseRevision: document.base.revision,
      expectedServerClock: document.serverClock, serverClock: document.serverClock, provenance: Provenance(.save))
    guard case .committed = try store.make(commit) else { throw StoreError.busy }
    #expect(try history(store) == [entry(store, "app")])
  }

  @Test func anExportNotesWhatNobodyNotedAndChangesNothingElse() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let document = try store.open()
    let rows = try store.rows()
    let updated = try PlainConnection(address).run("select updated_at from workflows")
    let exported = try #require(try store.wait { store.exportProject(SampleProject.id, $0) })
    #expect(try exported.versionHistories == [SampleProject.workflow: [entry(store, "app")]])
    #expect(try store.rows() == rows && store.open() == document)
    #expect(try PlainConnection(address).run("select updated_at from workflows") == updated)
    #expect(try PlainConnection(address).run("select count(*) from workflow_outbox") == [["0"]])
    #expect(try store.wait { store.staleDocuments($0) }.isEmpty)
  }

  /// Every other column of a workflow still makes a new revision.
  @Test func everyOtherColumnMakesANewRevision() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let plain = try PlainConnection(address)
    let columns = try plain.run(
      """
      select column_name from information_schema.columns where table_name = 'workflows'
        and column_name not in ('id', 'project_id', 'version_history')
      """)
    let changes = [
      "name": "'Other'", "concurrency": "7", "enable_job_logs": "false", "positions": "'{}'", "lock_version": "9",
      "deleted_at": "now()", "revision": "-1", "inserted_at": "now()", "updated_at": "now()",
    ]
    #expect(Set(columns.map { $0[0] ?? "" }) == Set(changes.keys), "a new column: the trigger has to know it")
    for (column, value) in changes {
      let before = try store.rows().revision
      try plain.run("update workflows set \(column) = \(value)")
      let revision = try store.rows().revision
      #expect(revision > before, "\(column)")
      #expect(try plain.run("select revision from workflow_outbox") == [["\(revision)"]])
    }
  }

  @Test func thereIsABoundToIt() throws {
    let address = try TestStore.sampleDatabase()
    let connection = try TestStore.connection(address)
    var content = try #require(try WorkflowReader.read(SampleProject.workflow, connection)).content
    let count = Int(VersionHistory.maximumEntries) + 20
    var expected: [String] = []
    try connection.transaction {
      for number in 0..<count {
        content.name = "\(number)"
        let source: VersionHistory.Source = number % 2 == 0 ? .app : .cli
        try VersionHistory.record(content, by: source, connection)
        expected.append("\(source.rawValue):\(content.versionHash)")
      }
    }
    let store = TestStore.start(address)
    #expect(try history(store) == Array(expected.suffix(Int(VersionHistory.maximumEntries))))
    #expect(
      try PlainConnection(address).run("select count(*), max(number) from workflow_versions") == [["500", "\(count)"]])
  }
}
