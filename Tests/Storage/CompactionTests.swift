import Synchronization
import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// What `heddle compact` drops, and what it must not.
@Suite struct CompactionTests {
  private let address: String
  private let store: Store
  private let psql: PlainConnection
  private let doc: Doc
  private static let ada = Actor(type: "member", name: "Ada")

  init() throws {
    address = try TestStore.sampleDatabase()
    psql = try PlainConnection(address)
    store = TestStore.start(address) { $0.retainedCheckpoints = 1 }
    doc = try store.open().doc(clientID: 77)
  }

  private func append(_ number: Int) throws {
    let update = try doc.edit { try $0.map("errors").set("step\(number)", .int(Int64(number))) }
    _ = try store.wait { store.append(sampleName, update, by: Self.ada, $0) }
  }

  private func candidates(_ entries: Int = 1) throws -> [String] {
    try store.wait { store.compactableDocuments(entries: entries, $0) }
  }

  private func compact() throws -> Compaction { try store.wait { store.compact(sampleName, $0) } }

  private func state() throws -> [UInt8] { try store.open().doc().encodeStateAsUpdate() }

  private func blame() throws -> StoredBlame { try #require(try store.wait { store.readBlame(sampleName, $0) }) }

  @Test func theLogGoesAndTheDocumentAndItsAuthorsStay() throws {
    for number in 0..<20 { try append(number) }
    let before = try state()
    let entries = try #require(Int(psql.value("select count(*) from document_updates") ?? ""))
    #expect(try candidates(entries) == [sampleName.workflowID])
    #expect(try candidates(entries + 1) == [])
    let dropped = try compact()
    #expect(dropped.entries == entries && dropped.checkpoints == 0 && dropped.bytes > 20 * entries)
    #expect(try psql.value("select count(*) from document_updates") == "0")
    #expect(try state() == before)
    let authorship = try blame().authorship
    #expect((0..<20).allSatisfy { authorship[ID(client: 77, clock: $0)].provenance?.actor == Self.ada })
    #expect(try candidates() == [])
    #expect(try compact() == Compaction(), "there is nothing more to drop")
    try append(20)
    #expect(try state() == doc.encodeStateAsUpdate(), "it goes on")
  }

  @Test func asManyStatesAreKeptAsAreWanted() throws {
    let careful = TestStore.start(address) { $0.retainedCheckpoints = 2 }
    defer { careful.stop() }
    for round in 0..<3 {
      for number in 0..<5 { try append(5 * round + number) }
      _ = try careful.wait { careful.compact(sampleName, $0) }
    }
    #expect(try psql.value("select count(*) from document_checkpoints") == "2")
    #expect(try psql.value("select count(*) from document_updates") == "5", "since the older one")
    #expect(try candidates() == [sampleName.workflowID], "one would do here")
    let dropped = try compact()
    #expect(dropped.checkpoints == 1 && dropped.entries == 5)
    #expect(try state() == doc.encodeStateAsUpdate())
  }

  /// Servers that have it open write on.
  @Test func whatIsWrittenMeanwhileStays() throws {
    let updates = try (0..<60).map { number in
      try doc.edit { try $0.map("errors").set("step\(number)", .int(Int64(number))) }
    }
    let stored = Atomic(0)
    let rounds = Atomic(0)
    let writer = ServiceThread { [store] in
      for (number, update) in updates.enumerated() {
        // However long a round takes, there is one while the rest is written.
        if number == 30, (try? until("a round") { rounds.load(ordering: .acquiring) > 0 }) == nil { return }
        guard (try? store.wait { store.append(sampleName, update, by: Self.ada, $0) }) != nil else { return }
        stored.add(1, ordering: .releasing)
      }
    }
    try until("all is written") {
      _ = try compact()
      let isWritten = stored.load(ordering: .acquiring) == updates.count
      rounds.add(1, ordering: .releasing)
      return isWritten
    }
    writer.join()
    #expect(rounds.load(ordering: .acquiring) > 1)
    #expect(try state() == doc.encodeStateAsUpdate())
    _ = try compact()
    #expect(try state() == doc.encodeStateAsUpdate())
    #expect(try store.wait { store.audit(sampleName, $0) } == [])
  }

  @Test func whatCannotBeReadIsLeftAsItIs() throws {
    try append(1)
    try psql.run(
      """
      update document_updates set data = '\\x05ffffffffff'
      where sequence = (select max(sequence) from document_updates)
      """)
    let entries = try psql.value("select count(*) from document_updates")
    #expect(throws: StoreError.self) { try compact() }
    #expect(try psql.value("select count(*) from document_updates") == entries)
    #expect(try psql.value("select count(*) from document_checkpoints") == "0")
  }
}
