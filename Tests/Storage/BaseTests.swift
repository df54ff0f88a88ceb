import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// A base is written as far as it differs from the last, and read as if it had been written whole.
@Suite struct BaseTests {
  /// A commit that brings the base to another content, and to another clock of some client.
  private func commit(
    _ document: StoredDocument, _ content: WorkflowContent, _ write: ServerCommit.ContentWrite, clock: UInt64? = nil
  ) -> ServerCommit {
    var base = document.base
    if let clock {
      var known = StateVector()
      known[7] = clock
      base.stateVector = known
    }
    base.content = content
    base.revision += 1
    return ServerCommit(
      document: sampleName, kind: .reconcile, update: [], base: base, contentWrite: write,
      expectedBaseRevision: document.base.revision, expectedServerClock: document.serverClock,
      serverClock: document.serverClock)
  }

  @Test func differencesAddUpAndAreFolded() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    var counts: [Int] = []
    for round in 0..<40 {
      let document = try store.open()
      var content = document.base.content
      content.jobs[round % 2].body = "round(\(round), '\0');"
      if round % 7 == 3 { content.jobs.swapAt(0, 1) }
      let difference = try #require(document.base.content.difference(to: content))
      let commit = commit(document, content, .difference(difference), clock: UInt64(round + 1))
      #expect(try store.make(commit) != .stale(.document))
      #expect(try store.open().base == commit.base)
      #expect(try store.tail().base == commit.base)
      counts.append(try #require(Int(psql.value("select cardinality(differences) from document_bases") ?? "")))
    }
    #expect(counts.first == 1 && counts.max() == 32 && counts.contains(0))
  }

  @Test func aLargeDifferenceIsNoDifference() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let document = try store.open()
    var content = document.base.content
    content.jobs[0].body = String(repeating: "x", count: 100_000)
    let difference = try #require(document.base.content.difference(to: content))
    _ = try store.make(commit(document, content, .difference(difference)))
    #expect(try psql.value("select cardinality(differences) from document_bases") == "0")
    #expect(try store.open().base.content == content)
  }

  /// Nothing of a content that stays is written, and nothing of it is lost.
  @Test func whatStaysIsNotWritten() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let document = try store.open()
    let row = try psql.value("select ctid from document_bases")
    let commit = commit(document, document.base.content, .unchanged)
    _ = try store.make(commit)
    #expect(try psql.value("select ctid from document_bases") == row)
    #expect(try store.open().base == commit.base)
  }

  @Test func whatTheDocumentHeldIsWrittenAlsoWhereNothingElseIsNew() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    for clock: UInt64 in [3, 4] {
      let document = try store.open()
      let commit = commit(document, document.base.content, .unchanged, clock: clock)
      _ = try store.make(commit)
      #expect(try store.open().base == commit.base)
    }
  }

  /// A writer that knows nothing of differences.
  @Test func aWholeContentReplacesDifferences() throws {
    let address = try TestStore.sampleDatabase()
    let (store, psql) = (TestStore.start(address), try PlainConnection(address))
    let document = try store.open()
    var content = document.base.content
    content.name = "Other"
    _ = try store.make(commit(document, content, .difference(["name": "Other"])))
    try psql.run("update document_bases set content = content")
    #expect(try store.open().base.content == document.base.content)
  }
}
