import Gateway
import Glibc
import Logging
import Provisioning
import Rooms
import Storage
import Synchronization
import TestSupport
import Workflow
import YCRDT
import YProtocol

/// One writer, many readers: in process through a room alone, and over loopback through the whole server, with every
/// update committed to Postgres.
enum FanoutBenchmarks {
  private static let name = DocumentName(workflowID: "6f1c2a10-5b1e-4c54-9a3e-0d8f5f0b0101")

  static func run() throws {
    let updates = typing(count: 5_000)
    for readers in [10, 200] { room(updates, readers: readers) }
    try server(updates, readers: [1, 10, 50])
  }

  private static var rows: WorkflowRows {
    WorkflowRows(
      content: WorkflowContent(
        id: name.workflowID, name: "bench",
        jobs: [Job(id: "6f1c2a10-5b1e-4c54-9a3e-0d8f5f0b0301", name: "Job", body: "fn(state => state);\n")]),
      projectID: "6f1c2a10-5b1e-4c54-9a3e-0d8f5f0b0001", lockVersion: 1, revision: 1)
  }

  /// A person types into a text of its own; one update a character.
  private static func typing(count: Int) -> [[UInt8]] {
    let doc = Doc(clientID: 4_000_000_001)
    var updates: [[UInt8]] = []
    let subscription = doc.observeUpdates { updates.append($0.update) }
    for number in 0..<count {
      try? doc.transact { try doc.text("notes").append(number % 60 == 59 ? "\n" : "x") }
    }
    subscription.cancel()
    return updates
  }

  /// The room and the frames, without sockets and without a store.
  private static func room(_ updates: [[UInt8]], readers: Int) {
    let seed = WorkflowDocument.seed(name: name, epoch: 1, rows: rows)
    let stored = StoredDocument(
      name: name, epoch: 1, serverClientID: seed.clientID, checkpoint: nil,
      updates: [seed.update], lastSequence: 1,
      base: Base(content: rows.content, ids: seed.ids, revision: 1, lockVersion: 1),
      serverClock: seed.clock, currentRevision: 1)
    let median = Stopwatch.measure("room, 1 writer, \(readers) readers, \(updates.count) updates", runs: 5) {
      var room = Room(name: name)
      var effects: [Room.Effect] = []
      for member in 0...readers { room.handle(.join(MemberID(member), isReadOnly: false), now: 0, effects: &effects) }
      room.handle(.loaded(stored), now: 0, effects: &effects)
      effects.removeAll()
      var bytes = 0
      for update in updates {
        room.handle(.message(0, .update(update)), now: 0, effects: &effects)
        for case .broadcast(let message, _) in effects { bytes += message.encoded().count * readers }
        effects.removeAll(keepingCapacity: true)
      }
      precondition(bytes > 0, "nothing was broadcast")
    }
    Stopwatch.row("", "\(Int(Double(updates.count) / median * 1000)) updates/s through one room")
  }

  private static func server(_ updates: [[UInt8]], readers: [Int]) throws {
    let directory = "/tmp/heddle-bench-\(getpid())"
    let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    let cluster = EmbeddedCluster(directory: directory, logger: logger)
    try cluster.start()
    defer { cluster.stop() }
    let store = Store(configuration: StoreConfiguration(conninfo: cluster.conninfo), logger: logger)
    try store.migrate()
    store.start()
    defer { store.stop() }
    let project = ProjectImport([
      "id": .string(rows.projectID), "name": "bench",
      "workflows": [["id": .string(name.workflowID), "name": "bench", "jobs": [], "triggers": [], "edges": []]],
    ])
    _ = try store.wait { store.importProject(project, provenance: .unknown, completion: $0) }
    var configuration = GatewayConfiguration(
      network: ServerConfiguration(endpoints: [.init(address: "127.0.0.1", port: 0)]))
    // What is measured is how fast one member can be served, not how fast it may send.
    configuration.network.memberMessagesPerSecond = 0
    configuration.network.memberBytesPerSecond = 0
    let server = Server(store: store, configuration: configuration, logger: logger)
    let port = try server.start()[0].port
    defer { server.drain() }
    for count in readers { try deliver(updates, port: port, readers: count) }
  }

  /// Sends all updates as fast as they are taken; the time until every reader has them, and until all are durable.
  private static func deliver(_ updates: [[UInt8]], port: UInt16, readers: Int) throws {
    let target = "/collab/\(name)"
    let sockets = try (0..<readers).map { _ in try Reader(TestWebSocket(port: port, target: target)) }
    let writer = try TestWebSocket(port: port, target: target)
    // A replica of its own for each run, so that no update is known already.
    let shifted = try renamed(updates, client: ClientID.random(in: 4_000_000_002...4_200_000_000))
    let clock = ContinuousClock()
    let start = clock.now
    let threads = sockets.map { reader in Thread { reader.readUpdates(count: shifted.count) } }
    for update in shifted { try writer.send(.binary, Message.update(update).encoded()) }
    try writer.send(.binary, Message.syncStatus([1]).encoded())
    var durable = Duration.zero
    while durable == .zero {
      let frame = try writer.readMessage()
      if case .syncStatus = try Message(decoding: frame.payload) { durable = clock.now - start }
    }
    for thread in threads { thread.join() }
    let delivered = (clock.now - start).milliseconds
    Stopwatch.row(
      "server, 1 writer, \(readers) readers, \(shifted.count) updates",
      "\(Int(Double(shifted.count * readers) / delivered * 1000)) deliveries/s; all durable after "
        + "\(Stopwatch.format(durable.milliseconds)) ms (\(Int(Double(shifted.count) / durable.milliseconds * 1000))/s)"
    )
  }

  private static func renamed(_ updates: [[UInt8]], client: ClientID) throws -> [[UInt8]] {
    let doc = Doc(clientID: client)
    var result: [[UInt8]] = []
    let subscription = doc.observeUpdates { result.append($0.update) }
    for number in updates.indices {
      try doc.transact { try doc.text("notes-\(client)").append(number % 60 == 59 ? "\n" : "x") }
    }
    subscription.cancel()
    return result
  }

  /// Sound as `@unchecked Sendable`: after it was made, only its thread uses the socket.
  private final class Reader: @unchecked Sendable {
    private let socket: TestWebSocket

    init(_ socket: TestWebSocket) throws { self.socket = socket }

    func readUpdates(count: Int) {
      var rest = count
      while rest > 0, let frame = try? socket.readMessage(), let message = try? Message(decoding: frame.payload) {
        if case .update = message { rest -= 1 }
      }
    }
  }

  /// A thread that can be waited for.
  private final class Thread: @unchecked Sendable {
    private var handle = pthread_t()

    init(_ body: @escaping @Sendable () -> Void) {
      let argument = Unmanaged.passRetained(Box(body)).toOpaque()
      pthread_create(
        &handle, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
          return nil
        }, argument)
    }

    func join() { pthread_join(handle, nil) }

    private final class Box: Sendable {
      let body: @Sendable () -> Void

      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
  }
}
