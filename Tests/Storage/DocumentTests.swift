import Glibc
import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

@Suite struct DocumentTests {
  @Test func isMadeFromItsRows() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let document = try store.open()
    let rows = try store.rows()
    #expect(document.lastSequence == 1)
    #expect(document.base.content == rows.content)
    #expect(document.base.revision == rows.revision)
    #expect(document.currentRevision == rows.revision)
    #expect(try WorkflowDocument.extract(document.doc()) == rows.content)
    #expect(try document.doc().stateVector[document.lineage.root] > 0)
  }

  @Test func isMadeOnceByManyAtOnce() throws {
    let address = try TestStore.sampleDatabase()
    let nodes = [TestStore.start(address), TestStore.start(address)]
    let answers = Answers<Result<StoredDocument?, StoreError>>()
    for _ in 0..<8 { for node in nodes { node.open(sampleName, answers.add) } }
    let documents = try answers.wait(for: 16).map { try $0.get() }
    #expect(Set(documents).count == 1)
    #expect(documents[0]?.updates.count == 1)
  }

  @Test func isNotMadeWithoutRows() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    #expect(try store.wait { store.open(DocumentName(workflowID: SampleProject.id), $0) } == nil)
  }

  @Test func isNotMadeASecondTimeWhereItsLogIsLeft() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    _ = try store.open()
    let psql = try PlainConnection(address)
    try psql.run(
      "alter table document_updates drop constraint document_updates_workflow_id_fkey; delete from documents")
    #expect(throws: StoreError.self) { try store.open() }
    #expect(try psql.value("select count(*) from documents") == "0")
  }

  @Test func aLogWithAHoleIsNotServed() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let doc = try store.open().doc()
    for text in ["a", "b", "c"] { try store.append(doc.edit { try $0.map("errors").set("x", .string(text)) }) }
    try PlainConnection(address).run("delete from document_updates where sequence = 3")
    #expect(throws: StoreError.damaged("the log of \(sampleName) lacks entry 3")) { try store.open() }
  }

  @Test func aLogThatGoesOnBehindItsEndIsNotServed() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let doc = try store.open().doc()
    for text in ["a", "b", "c"] { try store.append(doc.edit { try $0.map("errors").set("x", .string(text)) }) }
    try PlainConnection(address).run("update documents set last_sequence = 2")
    #expect(throws: StoreError.self) { try store.open() }
  }

  @Test func aDocumentWithoutItsBaseIsDamaged() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    _ = try store.open()
    try PlainConnection(address).run("delete from document_bases")
    #expect(throws: StoreError.damaged("the base of \(sampleName) is lost")) { try store.open() }
  }

  /// A session that could not be set up is none that somebody works with.
  @Test func aConnectionIsClosedWhereItsSettingsAreRefused() throws {
    let connection = try PostgresConnection(
      conninfo: TestPostgres.makeDatabase(), name: "test", sessionCommands: ["set no_such_setting = 1"])
    #expect(throws: PostgresError.self) { try connection.connect() }
    #expect(!connection.isConnected)
  }

  @Test func keepsWhatIsAppended() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    let doc = try store.open().doc()
    #expect(try store.append(doc.edit { try $0.map("workflow").set("name", "Renamed") }) == 2)
    #expect(try store.append(doc.edit { try $0.map("workflow").set("concurrency", .int(5)) }) == 3)
    let again = try store.open()
    #expect(again.lastSequence == 3)
    #expect(try again.doc().encodeStateAsUpdate() == doc.encodeStateAsUpdate())
    #expect(try store.tail(after: 2).updates.count == 1)
  }

  /// A state that is older than all that is left of the log is of no use, and in nobody's way.
  @Test func aVersionIsMadeOfTheNewestStateBeforeIt() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let doc = try store.open().doc()
    var states: [String] = []
    for number in 0..<5 {
      try store.append(doc.edit { try $0.map("workflow").set("concurrency", .int(Int64(number))) })
      let state = doc.encodeStateAsUpdate().map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
      states.append("('\(SampleProject.workflow)', \(number + 2), '\\x\(state)')")
    }
    try PlainConnection(address).run(
      """
      insert into document_checkpoints (workflow_id, sequence, state) values \(states[0]), \(states[2]);
      delete from document_updates where sequence <= 4
      """)
    let section = try #require(try store.wait { store.readLogSection(sampleName, from: 5, limit: 1, $0) })
    let version = Doc()
    for update in try #require(section.start) { try version.apply(update) }
    #expect(version.map("workflow")["concurrency"]?.json == .int(3))
    #expect(section.entries.map(\.sequence) == [6])
  }

  @Test func appendsToADocumentThatIsNotThereFail() throws {
    let store = try TestStore.start(TestStore.sampleDatabase())
    #expect(throws: StoreError.unknownDocument) { try store.append([0, 0]) }
  }

  @Test func manyRoomsShareTransactions() throws {
    let address = try TestStore.sampleDatabase()
    let psql = try PlainConnection(address)
    let names = (0..<50).map { DocumentName(workflowID: "77777777-7777-4777-8777-" + "\(100_000_000_000 + $0)") }
    for name in names {
      try psql.run(
        "insert into workflows (id, project_id, name) values ('\(name.workflowID)', '\(SampleProject.id)', '\(name)')")
    }
    let store = TestStore.start(address)
    for name in names { _ = try store.wait { store.open(name, $0) } }
    let answers = Answers<Result<Int64, StoreError>>()
    for round in 0..<200 {
      for name in names { store.append(name, [UInt8(round), 1, 2, 3], answers.add) }
    }
    let sequences = try answers.wait(for: 10_000).map { try $0.get() }
    #expect(sequences.allSatisfy { $0 > 1 })
    #expect(store.status.appends == 10_000)
    #expect(store.status.commits < 1000)
    #expect(store.status.pendingBytes == 0)
    for name in names {
      let tail = try store.wait { store.readLog(name, after: 1, $0) }
      #expect(tail.updates == (0..<200).map { [UInt8($0), 1, 2, 3] })
    }
  }

  /// What comes one after the other soon after a commit is committed together; what comes after a pause does not wait.
  @Test func commitsKeepTheirDistance() throws {
    let store = try TestStore.start(TestStore.sampleDatabase()) { $0.commitInterval = .milliseconds(500) }
    _ = try store.open()
    let answers = Answers<Result<Int64, StoreError>>()
    for number in 0..<4 {
      store.append(sampleName, [UInt8(number)], answers.add)
      if number == 0 { _ = try answers.wait(for: 1) }
      // Long enough for a writer that does not wait to take it alone, and short beside the interval.
      usleep(5000)
    }
    let sequences = try answers.wait(for: 4).map { try $0.get() }
    #expect(sequences == [2, 3, 3, 3])
    #expect(store.status.commits == 2)
  }

  @Test func twoNodesAppendToTheSameDocuments() throws {
    let address = try TestStore.sampleDatabase()
    let nodes = [TestStore.start(address), TestStore.start(address)]
    _ = try nodes[0].open()
    let answers = Answers<Result<Int64, StoreError>>()
    for round in 0..<2000 { nodes[round % 2].append(sampleName, [UInt8(round & 255), UInt8(round >> 8)], answers.add) }
    _ = try answers.wait(for: 2000).map { try $0.get() }
    let tail = try nodes[0].tail(after: 1)
    #expect(Set(tail.updates) == Set((0..<2000).map { [UInt8($0 & 255), UInt8($0 >> 8)] }))
    #expect(tail.updates.count == 2000)
    #expect(try PlainConnection(address).value("select max(sequence) - count(*) from document_updates") == "0")
  }

  @Test func aCheckpointStandsForTheLog() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let psql = try PlainConnection(address)
    let doc = try store.open().doc()
    for step in 1...40 {
      let sequence = try store.append(doc.edit { try $0.map("errors").set("step", .int(Int64(step))) })
      guard step % 10 == 0 else { continue }
      store.checkpoint(sampleName, state: doc.encodeStateAsUpdate(), through: sequence)
      try until("the checkpoint is stored") {
        try psql.value("select max(sequence) from document_checkpoints") == "\(sequence)"
      }
    }
    try store.append(doc.edit { try $0.map("errors").set("step", .int(41)) })
    let again = try store.open()
    #expect(again.checkpoint != nil)
    #expect(again.updates.count == 1)
    #expect(try again.doc().encodeStateAsUpdate() == doc.encodeStateAsUpdate())
    // Two are kept, and the log since the older one: it goes when the next one comes.
    #expect(try psql.run("select sequence from document_checkpoints order by 1").map { $0[0] } == ["31", "41"])
    #expect(try psql.value("select min(sequence) from document_updates") == "32")
    // Who stopped at a number that the log has lost gets the state instead.
    let behind = Doc()
    for update in try store.tail(after: 5).updates { try behind.apply(update) }
    #expect(behind.encodeStateAsUpdate() == doc.encodeStateAsUpdate())
    #expect(try store.tail(after: 41).updates.count == 1)
  }

  @Test func anOlderCheckpointIsNotStored() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    let doc = try store.open().doc()
    for step in 1...5 { try store.append(doc.edit { try $0.map("errors").set("step", .int(Int64(step))) }) }
    let psql = try PlainConnection(address)
    func isStored(_ sequence: Int) throws -> Bool {
      try psql.value("select count(*) from document_checkpoints where sequence = \(sequence)") == "1"
    }
    // Several connections write checkpoints, so one has to be there before the next is older than it.
    store.checkpoint(sampleName, state: [0, 0], through: 5)
    try until("the first checkpoint is stored") { try isStored(5) }
    for sequence: Int64 in [3, 99] { store.checkpoint(sampleName, state: [0, 0], through: sequence) }
    store.checkpoint(sampleName, state: doc.encodeStateAsUpdate(), through: 6)
    try until("the last checkpoint is stored") { try isStored(6) }
    #expect(try psql.value("select count(*) from document_checkpoints where sequence in (3, 99)") == "0")
  }
}
