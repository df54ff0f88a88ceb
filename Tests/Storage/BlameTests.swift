import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// Who wrote what, as the store keeps it.
@Suite struct BlameTests {
  private let address: String
  private let store: Store
  private let psql: PlainConnection
  private static let ada = Actor(type: "member", name: "Ada")

  init() throws {
    address = try TestStore.sampleDatabase()
    psql = try PlainConnection(address)
    store = TestStore.start(address) {
      $0.retainedCheckpoints = 1
      $0.maximumBlameRanges = 12
      $0.blamePrecision = .zero
    }
  }

  private func blame() throws -> StoredBlame { try #require(try store.wait { store.readBlame(sampleName, $0) }) }

  @discardableResult
  private func append(_ update: [UInt8], by actor: Actor = ada) throws -> Int64 {
    try store.wait { store.append(sampleName, update, by: actor, $0) }
  }

  private func edit(_ doc: Doc, _ number: Int) throws -> [UInt8] {
    try doc.edit { try $0.map("errors").set("step\(number)", .int(Int64(number))) }
  }

  /// Takes a checkpoint, and waits until the log that it stands for is gone.
  private func compact(_ doc: Doc, through sequence: Int64) throws {
    store.checkpoint(sampleName, state: doc.encodeStateAsUpdate(), through: sequence)
    try until("the log is dropped") {
      try psql.value("select count(*) from document_updates where sequence <= \(sequence)") == "0"
    }
  }

  @Test func whatIsSeededIsFromTheRows() throws {
    let name = try #require(try store.open().doc().map("workflow").id(of: "name"))
    let found = try blame().authorship[name]
    #expect(found.provenance == .unknown)
    #expect(found.isBefore)
    #expect(found.version == (try store.rows().lockVersion))
  }

  @Test func g11_theAuthorIsInTheRowOfTheEdit() throws {
    let doc = try store.open().doc(clientID: 77)
    let sequence = try append(edit(doc, 1))
    #expect(try psql.value("select authors->0->1->>'name' from document_updates where sequence = \(sequence)") == "Ada")
    #expect(try blame().authorship[ID(client: 77, clock: 0)].provenance?.actor == Self.ada)
  }

  @Test func severalInOneTransactionAreKeptApart() throws {
    let doc = try store.open().doc(clientID: 77)
    let (first, second) = (try edit(doc, 1), try edit(doc, 2))
    let answers = Answers<Result<Int64, StoreError>>()
    // The first is most likely being committed while the others come.
    for update in [first, first, second] {
      store.append(sampleName, update, by: update == first ? Self.ada : .member, answers.add)
    }
    _ = try answers.wait(for: 3)
    let authorship = try blame().authorship
    #expect(authorship[ID(client: 77, clock: 0)].provenance?.actor == Self.ada)
    #expect(authorship[ID(client: 77, clock: 1)].provenance?.actor == .member)
  }

  @Test func itStaysWhenTheLogIsDropped() throws {
    let doc = try store.open().doc(clientID: 77)
    let first = try append(edit(doc, 1))
    try compact(doc, through: first)
    #expect(try blame().authorship[ID(client: 77, clock: 0)].provenance?.actor == Self.ada)
    let second = try append(edit(doc, 2), by: .member)
    let before = try blame()
    try compact(doc, through: second)
    let after = try blame()
    for clock in 0..<UInt64(3) {
      let id = ID(client: 77, clock: clock)
      #expect(before.authorship[id] == after.authorship[id])
    }
    #expect(after.authorship[ID(client: 77, clock: 1)].provenance?.actor == .member)
  }

  @Test func g17_itIsBoundedAndTheNewestStaysExact() throws {
    let doc = try store.open().doc(clientID: 77)
    var sequence: Int64 = 0
    for number in 0..<60 { sequence = try append(edit(doc, number), by: Actor(type: "member", name: "m\(number)")) }
    try compact(doc, through: sequence)
    #expect(
      try Int(
        psql.value("select sum(json_array_length(value)) from document_blame, json_each(authorship->'clients')") ?? "")
        ?? .max <= 12)
    let authorship = try blame().authorship
    #expect(authorship[ID(client: 77, clock: 59)].provenance?.actor.name == "m59")
    let oldest = authorship[ID(client: 77, clock: 0)]
    #expect(oldest.provenance == nil && oldest.isBefore)
  }

  @Test func whatOlderServersWroteIsFromBefore() throws {
    let doc = try store.open().doc(clientID: 77)
    let sequence = try append(edit(doc, 1))
    try psql.run("update document_updates set authors = null; delete from document_blame")
    #expect(try blame().authorship[ID(client: 77, clock: 0)].provenance == nil)
    try compact(doc, through: sequence)
    #expect(try blame().authorship[ID(client: 77, clock: 0)].provenance == nil)
    #expect(try psql.value("select count(*) from document_blame") == "1")
  }

  @Test func whatCannotBeReadIsNobodys() throws {
    _ = try store.open()
    try append([250, 1])
    #expect(try blame().updates.last == [250, 1])
  }

  @Test func thereIsNoneOfADocumentThatNobodyOpened() throws {
    #expect(try store.wait { store.readBlame(sampleName, $0) } == nil)
  }
}
