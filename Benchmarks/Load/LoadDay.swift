import YCRDT

/// A day in an office, ten times as fast: people come, open a workflow that some of their colleagues have open as well, type for a
/// while, show their carets, think, go, and come back as a new client. Everything follows a seed.
final class LoadDay {
  static let speed = 10.0
  static let name = "a day's editing at 10× (200 people, 60 documents)"

  private let loop = LoadLoop()
  private let server: LoadServer
  private let people: [LoadPerson]
  private let begin = Clock.now
  /// What was sent, by client and clock, and not seen by anybody else yet.
  private var sent: [ClientID: [Double]] = [:]
  private var edits = 0
  private var delivered: [Double] = []
  private var stored: [Double] = []

  private init(_ server: LoadServer) throws {
    self.server = server
    let documents = try server.makeDocuments(60)
    var random = LoadRandom(seed: 2026)
    people = (0..<200).map { LoadPerson(number: $0, document: documents[$0 % documents.count], &random) }
  }

  /// Plays so many of its hours. What it took, as it stands in the table.
  static func play(_ server: LoadServer, hours: Double) throws -> String {
    try LoadDay(server).play(hours)
  }

  private func play(_ hours: Double) throws -> String {
    let (processor, database) = (server.processorTime, server.databaseTime)
    let end = hours * 3600
    // At its beginning and after each quarter, so that one sees whether it goes on growing.
    var memory = [server.memory.now]
    try loop.run("the day", limit: end / Self.speed + 120) {
      let now = (Clock.now - begin) * Self.speed
      for person in people where person.nextAt <= now && now < end { act(person, now) }
      if memory.count < 4, now >= end / 4 * Double(memory.count) { memory.append(server.memory.now) }
    } until: {
      (Clock.now - begin) * Self.speed >= end && (server.kind != .heddle || stored.count >= edits)
    }
    let time = Clock.now - begin
    let share = { (seconds: Double) in Figures.rounded(seconds / time * 100, 1) + " %" }
    var figures = [
      "\(Figures.rounded(hours, 2)) h, \(edits) edits",
      "delivered p50 / p99 \(Self.milliseconds(&delivered)) ms",
    ]
    if server.kind == .heddle { figures.append("stored \(Self.milliseconds(&stored)) ms") }
    figures.append("CPU \(share(server.processorTime - processor))")
    if server.kind == .heddle { figures.append("Postgres \(share(server.databaseTime - database))") }
    memory.append(server.memory.now)
    figures.append(memory.map { Figures.bytes(Double($0)) }.joined(separator: " → "))
    return figures.joined(separator: ", ")
  }

  private static func milliseconds(_ times: inout [Double]) -> String {
    [0.5, 0.99].map { Figures.milliseconds(Figures.percentile(&times, $0)) }.joined(separator: " / ")
  }

  // MARK: What people do

  private func act(_ person: LoadPerson, _ now: Double) {
    guard let connection = person.connection else { return come(person, now) }
    guard now < person.leavesAt else { return go(person, connection, now) }
    person.nextAt = now + person.pause(at: now)
    guard connection.isSynced, let frame = person.type() else { return }
    edits += 1
    let time = Clock.now
    sent[person.client, default: []].append(time)
    person.unstored.append(time)
    connection.send(frame + (server.kind == .heddle ? LoadUpdates.question : []))
    if person.typed % 3 == 0 { connection.send(person.caret()) }
  }

  private func come(_ person: LoadPerson, _ now: Double) {
    guard let connection = try? loop.connect(to: server, document: person.document) else {
      return person.nextAt = now + 60
    }
    person.begin(on: connection, now)
    connection.onPayload = { [unowned self] in seen($0) }
    connection.onAcknowledgement = { [unowned self, unowned person] _ in
      guard !person.unstored.isEmpty else { return }
      stored.append(Clock.now - person.unstored.removeFirst())
    }
  }

  /// Whoever has something that is not stored waits for that.
  private func go(_ person: LoadPerson, _ connection: LoadConnection, _ now: Double) {
    guard person.unstored.isEmpty || server.kind != .heddle else { return }
    loop.remove([connection])
    sent[person.client] = nil
    person.end(now)
  }

  /// An update reached somebody: by its client and clock it is known when it was sent.
  private func seen(_ payload: UnsafeRawBufferPointer) {
    var numbers: [Int] = []
    var place = 2
    while numbers.count < 5, place < payload.count {
      var (value, shift) = (0, 0)
      while place < payload.count {
        let byte = Int(payload[place])
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 { break }
      }
      numbers.append(value)
    }
    // Length, groups, structs, client, clock: each letter is one.
    guard numbers.count == 5, let times = sent[ClientID(numbers[3])], numbers[4] < times.count else { return }
    delivered.append(Clock.now - times[numbers[4]])
  }
}

/// Somebody who edits one document, now and then. Times are those of the day, in seconds.
final class LoadPerson {
  let document: String
  private(set) var client: ClientID = 0
  private(set) var connection: LoadConnection?
  private(set) var typed = 0
  /// When edits were sent that are not stored yet.
  var unstored: [Double] = []
  var nextAt: Double
  private(set) var leavesAt = 0.0
  private let number: Int
  private var sessions = 0
  private var typesUntil = 0.0
  private var random: LoadRandom
  private var doc = Doc()
  private var subscription: Subscription?
  private var made: [UInt8]?

  init(number: Int, document: String, _ random: inout LoadRandom) {
    (self.number, self.document) = (number, document)
    self.random = LoadRandom(seed: random.next())
    nextAt = self.random.between(0, 900)
  }

  /// As a new client, as after loading a page.
  func begin(on connection: LoadConnection, _ now: Double) {
    sessions += 1
    client = ClientID(1_000_000 + sessions * 1000 + number)
    self.connection = connection
    (typed, unstored) = (0, [])
    doc = Doc(clientID: client)
    subscription = doc.observeUpdates { [unowned self] in made = LoadUpdates.frame($0.update) }
    leavesAt = now + random.between(1200, 5400)
    nextAt = now + random.between(5, 60)
  }

  func end(_ now: Double) {
    connection = nil
    subscription?.cancel()
    subscription = nil
    nextAt = now + random.between(300, 2400)
  }

  /// How long until the next letter: five a second for a while, then a pause.
  func pause(at now: Double) -> Double {
    if now < typesUntil { return random.between(0.1, 0.3) }
    let pause = random.between(10, 150)
    typesUntil = now + pause + random.between(5, 40)
    return pause
  }

  /// A letter at the end of what one has written; nil where that did not work.
  func type() -> [UInt8]? {
    made = nil
    try? doc.transact { try doc.text("notes-\(client)").append(typed % 60 == 59 ? "\n" : "x") }
    typed += 1
    return made
  }

  func caret() -> [UInt8] {
    LoadUpdates.awareness(
      client, clock: typed, #"{"user":{"name":"Person \#(number)"},"selection":{"head":\#(typed)}}"#)
  }
}

/// Numbers that follow a seed (SplitMix64).
struct LoadRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func between(_ low: Double, _ high: Double) -> Double {
    low + Double(next() >> 11) / Double(1 << 53) * (high - low)
  }
}
