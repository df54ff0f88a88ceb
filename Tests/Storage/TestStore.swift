import Glibc
import Logging
import TestSupport
import Testing
import Workflow
import YCRDT

@testable import Storage

/// What the tests of this folder share.
enum TestStore {
  static let logger = Logger(label: "test") { _ in SilentLog() }

  /// Whether the long runs are wanted.
  static var isLong: Bool { getenv("HEDDLE_TEST_LONG") != nil }

  static func connection(_ address: String) throws -> PostgresConnection {
    let connection = PostgresConnection(conninfo: address, name: "test")
    try connection.connect()
    return connection
  }

  /// A new database with the schema and the sample project.
  static func sampleDatabase() throws -> String {
    let address = try TestPostgres.makeDatabase()
    _ = try Migrator(connection: connection(address)).migrate()
    try PlainConnection(address).run(SampleProject.sql)
    return address
  }

  /// Lets go of all records that are older, of which there are few.
  static func expire(olderThan age: Duration, _ connection: PostgresConnection) throws {
    let hasMore = try Expiry.step(olderThan: age, connection) { Issue.record($0) }
    #expect(!hasMore)
  }

  static func start(_ address: String, _ change: (inout StoreConfiguration) -> Void = { _ in }) -> Store {
    var configuration = StoreConfiguration(conninfo: address)
    change(&configuration)
    let store = Store(configuration: configuration, logger: logger)
    store.start()
    do { try until("the database can be reached") { store.status.isReachable } } catch { Issue.record(error) }
    return store
  }
}

/// Collects what completions bring.
final class Answers<Value: Sendable>: Sendable {
  private let values = Monitor<[Value]>([])

  var all: [Value] { values.read { $0 } }
  var add: @Sendable (Value) -> Void { { value in self.values.change { $0.append(value) } } }

  func wait(for count: Int, limit: Duration = .seconds(30)) throws -> [Value] {
    try #require(values.wait(for: limit) { $0.count >= count ? $0 : nil })
  }
}

let sampleName = DocumentName(workflowID: SampleProject.workflow)

extension Store {
  func open() throws -> StoredDocument { try #require(try wait { open(sampleName, $0) }) }
  func rows() throws -> WorkflowRows { try #require(try wait { readRows(SampleProject.workflow, $0) }) }
  func tail(after sequence: Int64 = 0, reconciliation: Int64 = 0) throws -> LogTail {
    try wait { readLog(sampleName, after: sequence, reconciliation: reconciliation, $0) }
  }
  func make(_ commit: ServerCommit) throws -> CommitOutcome { try wait { self.commit(commit, $0) } }

  @discardableResult
  func append(_ update: [UInt8]) throws -> Int64 { try wait { append(sampleName, update, $0) } }
}

extension StoredDocument {
  /// The document itself.
  func doc(clientID: ClientID? = nil) throws -> Doc {
    let doc = Doc(clientID: clientID)
    if let checkpoint { try doc.apply(checkpoint) }
    for update in updates { try doc.apply(update) }
    return doc
  }
}

extension Doc {
  /// Makes an edit and returns its update.
  func edit(_ body: (Doc) throws -> Void) throws -> [UInt8] {
    var update: [UInt8] = []
    let subscription = observeUpdates { update = $0.update }
    defer { subscription.cancel() }
    try transact { try body(self) }
    return update
  }
}
