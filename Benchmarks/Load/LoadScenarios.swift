import Glibc
import YCRDT

/// What is measured. Each gives a figure for a server, as it stands in the table.
struct LoadScenario: Sendable {
  let name: String
  /// Flags for our server, where it needs other ones.
  var arguments: [String] = []
  let run: @Sendable (LoadServer) throws -> String

  private static let all: [LoadScenario] =
    [1, 10, 200].map { readers in
      LoadScenario(name: "flat out 1/\(readers), deliveries/s") { try flatOut($0, readers: readers) }
    } + [
      LoadScenario(name: "paced 100/s to 200 readers: p50 / p99 ms; CPU") { try paced($0, readers: 200, rate: 100) },
      LoadScenario(name: "500 rooms × 2 members: highest updates/s with p99 < 50 ms") { try manyRooms($0, rooms: 500) },
      LoadScenario(name: "join 160 KB, room live, p50 ms") { try join($0, bytes: 160_000) },
      LoadScenario(name: "join 1.6 MB, room live, p50 ms") { try join($0, bytes: 1_600_000) },
      LoadScenario(name: "join 160 KB / 1.6 MB, room cold, p50 ms", arguments: ["--unload-grace", "0s"]) {
        try coldJoins($0)
      },
      LoadScenario(name: "100 joins of 1.6 MB at once, ms") { try joinStorm($0, bytes: 1_600_000, joins: 100) },
      LoadScenario(name: "memory per idle connection, own room") { try idle($0, connections: 1000, rooms: 1000) },
      // With a server of its own, or it would lie in what others have let go of.
      LoadScenario(name: "memory per idle connection, one room") { try idle($0, connections: 1000, rooms: 1) },
      LoadScenario(name: "20,000 typed characters at once, s") { try burst($0, count: 20_000) },
      LoadScenario(name: "10 stalled readers: before → peak") { try stalled($0, readers: 10) },
      LoadScenario(name: "edit to stored, p50 / p99 ms, 10,000 updates/s in 100 rooms") {
        try acknowledged($0, rooms: 100, rate: 10_000)
      },
      LoadScenario(name: "import that changes 10 of 100 jobs: member told / answered, p50 ms") {
        try LoadImports.play($0, jobs: 100, changed: 10)
      },
    ]

  /// All, with so much of a day.
  static func all(hours: Double) -> [LoadScenario] {
    all + [LoadScenario(name: LoadDay.name) { try LoadDay.play($0, hours: hours) }]
  }

  // MARK: Fan-out

  /// As many as go through, until every reader has all.
  private static func flatOut(_ server: LoadServer, readers: Int) throws -> String {
    let loop = LoadLoop()
    let document = try server.makeDocuments(1)[0]
    let count = readers > 100 ? 5_000 : 50_000
    let frames = LoadUpdates.typing(count, client: 4_000_000_001)
    let sockets = try loop.connect(readers, to: server) { _ in document }
    let writer = try loop.connect(1, to: server) { _ in document }[0]
    let begin = Clock.now
    let (processor, database) = (server.processorTime, server.databaseTime)
    var next = 0
    try loop.run("flat out") {
      while next < count, writer.pending < 1 << 18 {
        let part = frames[next..<min(next + 100, count)]
        writer.send(Array(part.joined()))
        next += part.count
      }
    } until: {
      sockets.allSatisfy { $0.updates >= count }
    }
    let time = Clock.now - begin
    let deliveries = Double(count * readers)
    let cost = (server.processorTime - processor) / deliveries * 1e6
    let storing = (server.databaseTime - database) / Double(count) * 1e6
    let durable = server.kind == .heddle ? ", Postgres \(Figures.rounded(storing, 1)) µs an update" : ""
    return "\(Figures.count(deliveries / time)) (\(Figures.rounded(cost, 2)) µs CPU each\(durable))"
  }

  /// How late updates are that come at a steady pace.
  private static func paced(_ server: LoadServer, readers: Int, rate: Int) throws -> String {
    let loop = LoadLoop()
    let document = try server.makeDocuments(1)[0]
    let count = rate * 8
    let frames = LoadUpdates.typing(count, client: 4_000_000_002)
    var sentAt = [Double](repeating: 0, count: count)
    var times: [Double] = []
    times.reserveCapacity(count * readers)
    let sockets = try loop.connect(readers, to: server) { _ in document }
    let writer = try loop.connect(1, to: server) { _ in document }[0]
    for socket in sockets { socket.onUpdate = { times.append(Clock.now - sentAt[$0]) } }
    let (begin, processor) = (Clock.now, server.processorTime)
    var next = 0
    try loop.run("paced") {
      while next < count, Clock.now >= begin + Double(next) / Double(rate) {
        sentAt[next] = Clock.now
        writer.send(frames[next])
        next += 1
      }
    } until: {
      sockets.allSatisfy { $0.updates >= count }
    }
    let share = (server.processorTime - processor) / (Clock.now - begin) * 100
    let middle = Figures.milliseconds(Figures.percentile(&times, 0.5))
    return "\(middle) / \(Figures.milliseconds(Figures.percentile(&times, 0.99))); \(Figures.rounded(share, 0)) %"
  }

  /// Faster each time, as long as that is taken without delay.
  private static func manyRooms(_ server: LoadServer, rooms: Int) throws -> String {
    let loop = LoadLoop()
    let documents = try server.makeDocuments(rooms)
    let members = try loop.connect(rooms * 2, to: server) { documents[$0 / 2] }
    let sources = members.indices.map { LoadUpdates.typing(800, client: 1_000_000 + ClientID($0)) }
    var places = [Int](repeating: 0, count: members.count)
    var best = "less than 2,000"
    for rate in [2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 40_000, 60_000, 80_000, 100_000] {
      let (processor, database) = (server.processorTime, server.databaseTime)
      guard let late = try? step(loop, members, sources, &places, rate: rate), late < 0.05 else { break }
      let cost = [server.processorTime - processor, server.databaseTime - database].map {
        Figures.rounded($0 / Double(rate * 2) * 1e6, 1)
      }
      let durable = server.kind == .heddle ? ", Postgres \(cost[1])" : ""
      best = "\(rate) (p99 \(Figures.milliseconds(late)) ms, \(cost[0]) µs CPU each\(durable))"
    }
    return best
  }

  /// Two seconds at a rate; the 99th percentile of how late updates were.
  private static func step(
    _ loop: LoadLoop, _ members: [LoadConnection], _ sources: [[[UInt8]]], _ places: inout [Int], rate: Int
  ) throws -> Double {
    let count = rate * 2
    var times: [Double] = []
    times.reserveCapacity(count)
    var sentAt: [[Double]] = members.map { _ in [] }
    let base = members.map(\.updates)
    for (index, member) in members.enumerated() {
      member.onUpdate = { number in
        let peer = sentAt[index ^ 1]
        if number - base[index] < peer.count { times.append(Clock.now - peer[number - base[index]]) }
      }
    }
    let begin = Clock.now
    var next = 0
    var cursor = places
    try loop.run("\(rate) a second", limit: 12) {
      while next < count, Clock.now >= begin + Double(next) / Double(rate) {
        let member = next % members.count
        guard cursor[member] < sources[member].count else { break }
        sentAt[member].append(Clock.now)
        members[member].send(sources[member][cursor[member]])
        cursor[member] += 1
        next += 1
      }
      if next < count, cursor[next % members.count] >= sources[next % members.count].count { next = count }
    } until: {
      next >= count && members.indices.allSatisfy { members[$0].updates - base[$0] >= sentAt[$0 ^ 1].count }
    }
    places = cursor
    return Figures.percentile(&times, 0.99)
  }

  // MARK: Joins

  private static func fill(_ server: LoadServer, _ loop: LoadLoop, _ document: String, bytes: Int) throws
    -> LoadConnection
  {
    let writer = try loop.connect(1, to: server) { _ in document }[0]
    writer.send(LoadUpdates.document(bytes: bytes))
    try loop.run("the document") {
    } until: {
      writer.pending == 0
    }
    // Whoever comes now comes after it.
    _ = try loop.connect(1, to: server) { _ in document }
    return writer
  }

  private static func join(_ server: LoadServer, bytes: Int) throws -> String {
    let loop = LoadLoop()
    let document = try server.makeDocuments(1)[0]
    _ = try fill(server, loop, document, bytes: bytes)
    var times: [Double] = []
    for _ in 0..<40 {
      let begin = Clock.now
      let member = try loop.connect(to: server, document: document)
      try loop.run("a join") {
      } until: {
        member.isSynced
      }
      times.append(Clock.now - begin)
      loop.remove([member])
    }
    return Figures.milliseconds(Figures.percentile(&times, 0.5))
  }

  /// Of documents that nobody has open, and that the server does not have in memory.
  private static func coldJoins(_ server: LoadServer) throws -> String {
    guard server.kind == .heddle else { return "keeps nothing" }
    var results: [String] = []
    for bytes in [160_000, 1_600_000] {
      let loop = LoadLoop()
      let documents = try server.makeDocuments(15)
      for document in documents { _ = try fill(server, loop, document, bytes: bytes) }
      loop.removeAll()
      // Rooms go with a tick of the server's clock, which is one second.
      let wait = Clock.now + 4
      try loop.run("unloading") {
      } until: {
        Clock.now > wait
      }
      var times: [Double] = []
      for document in documents {
        let begin = Clock.now
        let member = try loop.connect(to: server, document: document)
        try loop.run("a join") {
        } until: {
          member.isSynced
        }
        times.append(Clock.now - begin)
      }
      results.append(Figures.milliseconds(Figures.percentile(&times, 0.5)))
    }
    return results.joined(separator: " / ")
  }

  private static func joinStorm(_ server: LoadServer, bytes: Int, joins: Int) throws -> String {
    let loop = LoadLoop()
    let document = try server.makeDocuments(1)[0]
    _ = try fill(server, loop, document, bytes: bytes)
    var times: [Double] = []
    for _ in 0..<5 {
      let begin = Clock.now
      let members = try (0..<joins).map { _ in try loop.connect(to: server, document: document) }
      try loop.run("joins") {
      } until: {
        members.allSatisfy(\.isSynced)
      }
      times.append(Clock.now - begin)
      loop.remove(members)
    }
    return Figures.milliseconds(Figures.percentile(&times, 0.5))
  }

  // MARK: Memory

  private static func idle(_ server: LoadServer, connections: Int, rooms: Int) throws -> String {
    let loop = LoadLoop()
    let documents = try server.makeDocuments(rooms)
    // What the first of them cost is not theirs.
    _ = try loop.connect(20, to: server) { documents[$0 % rooms] }
    let before = server.memory.now
    _ = try loop.connect(connections - 20, to: server) { documents[($0 + 20) % rooms] }
    return Figures.bytes(Double(server.memory.now - before) / Double(connections - 20))
  }

  private static func stalled(_ server: LoadServer, readers: Int) throws -> String {
    let loop = LoadLoop()
    let document = try server.makeDocuments(1)[0]
    let sockets = try loop.connect(readers + 1, to: server) { _ in document }
    let writer = try loop.connect(1, to: server) { _ in document }[0]
    let before = server.memory.now
    for socket in sockets.dropFirst() { socket.isStalled = true }
    let doc = Doc(clientID: 4_000_000_003)
    var frames: [[UInt8]] = []
    let subscription = doc.observeUpdates { event in
      frames.append(
        LoadConnection.frame(
          [0, 2] + [0x80 | UInt8(event.update.count & 127), UInt8(event.update.count >> 7)] + event.update))
    }
    let line = String(repeating: "y", count: 4_000)
    for number in 0..<3_000 { try doc.transact { try doc.map("m").set("k\(number % 50)", .string(line)) } }
    subscription.cancel()
    var next = 0
    try loop.run("stalled readers") {
      while next < frames.count, writer.pending < 1 << 18 {
        writer.send(frames[next])
        next += 1
      }
    } until: {
      sockets[0].updates >= frames.count
    }
    return "\(Figures.bytes(Double(before))) → \(Figures.bytes(Double(server.memory.peak)))"
  }

  // MARK: Writing

  private static func burst(_ server: LoadServer, count: Int) throws -> String {
    let loop = LoadLoop()
    let document = try server.makeDocuments(1)[0]
    let frames = Array(LoadUpdates.typing(count, client: 4_000_000_004).joined())
    let reader = try loop.connect(1, to: server) { _ in document }[0]
    let writer = try loop.connect(1, to: server) { _ in document }[0]
    let begin = Clock.now
    writer.send(frames)
    try loop.run("a burst") {
    } until: {
      reader.updates >= count
    }
    return Figures.rounded(Clock.now - begin, 3)
  }

  /// How long after an edit was sent its writer is told that it is stored, and what a sync of the disk took before and after that;
  /// not of the first two seconds.
  private static func acknowledged(_ server: LoadServer, rooms: Int, rate: Int) throws -> String {
    guard server.kind == .heddle else { return "stores nothing" }
    let loop = LoadLoop()
    let documents = try server.makeDocuments(rooms)
    let members = try loop.connect(rooms, to: server) { documents[$0] }
    let (count, warmUp) = (rate * 7, rate * 2)
    let sources = members.indices.map { LoadUpdates.typing(count / rooms, client: 2_000_000 + ClientID($0)) }
    var times: [Double] = []
    var sentAt: [[Double]] = members.map { _ in [] }
    try server.recycleLog()
    let before = LoadFloor.syncs()
    for (index, member) in members.enumerated() {
      member.onAcknowledgement = { if $0 >= warmUp / rooms { times.append(Clock.now - sentAt[index][$0]) } }
    }
    let begin = Clock.now
    var next = 0
    try loop.run("acknowledgements") {
      while next < count, Clock.now >= begin + Double(next) / Double(rate) {
        let member = next % rooms
        sentAt[member].append(Clock.now)
        members[member].send(sources[member][next / rooms] + LoadUpdates.question)
        next += 1
      }
    } until: {
      times.count >= count - warmUp
    }
    let figures = [0.5, 0.99].map { Figures.milliseconds(Figures.percentile(&times, $0)) }.joined(separator: " / ")
    return "\(figures) (fdatasync \(before) before, \(LoadFloor.syncs()) after)"
  }
}
