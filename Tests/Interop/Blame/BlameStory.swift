import Rooms
import Storage
import TestSupport
import Testing
import Workflow
import YCRDT

/// Members, imports, saves and all else that writes a workflow, in an order that the seed decides, and the log of it.
struct BlameStory {
  private struct Seat {
    var tab: Tab
    var client: ClientID
    var name: String
  }

  private static let path = "/api/workflows/\(SampleProject.workflow)"
  let site: Site
  private(set) var log = BlameLog()
  private var seats: [Seat] = []
  private var generator: SeededGenerator
  private let seed: UInt64
  private let precision: Int64
  private var lastClient: ClientID = 900_000_000
  private var lastName = 0
  private var lastCharacter: UInt16 = 0x4E00
  private var lastNumber = 0

  init(seed: UInt64) throws {
    self.seed = seed
    generator = SeededGenerator(seed: seed)
    let precision: Int64 = [0, 1, 60].randomElement(using: &generator) ?? 60
    self.precision = precision
    var room = RoomConfiguration()
    room.checkpointUpdates = 7
    site = try Site(room: room) {
      $0.retainedCheckpoints = 1
      $0.blamePrecision = .seconds(precision)
    }
    for job in SampleProject.jobs {
      try site.database.run("update jobs set body = '\(characters(8))' where id = '\(job)'")
    }
    let version = try site.rows().lockVersion
    for name in ["Ada", "Bob", "Cleo"] { try sit(name) }
    log.note(BlameLog.Operation("database", version: version), before: [:], after: seats[0].tab.state)
  }

  mutating func step() throws {
    switch Int.random(in: 0..<24, using: &generator) {
    case 0: try importVersion(.provision)
    case 1: try importVersion(.sql)
    case 2: try renameByHand()
    case 3, 4: try save()
    case 5: try server("reset") { site in try site.post("\(Self.path)/reset", expecting: 200)["lock_version"]?.integer }
    case 6, 7: try resolve()
    case 8: try revert()
    case 9: try restart()
    case 10: try pretend()
    case 11: try concurrently()
    default: try edit(Int.random(in: 0..<seats.count, using: &generator))
    }
  }

  /// Compares what the server says with the log.
  mutating func check(_ note: String) throws {
    try settle()
    let note = "seed \(seed), \(note)"
    log.expect(try site.get("\(Self.path)/blame"), says: seats[0].tab.state, precision: precision, note)
  }

  /// How much of the log was dropped, with everything that it said.
  var keptRanges: Int {
    get throws {
      let kept = try site.database.value(
        "select sum(json_array_length(value)) from document_blame, json_each(authorship->'clients')")
      return Int(kept ?? "") ?? 0
    }
  }

  // MARK: Members

  private mutating func sit(_ name: String) throws {
    lastClient += 1
    seats.append(Seat(tab: try Tab(site, clientID: lastClient, name: name), client: lastClient, name: name))
  }

  private func settle() throws {
    // The second time, everybody has what the others sent before their answer came.
    for seat in seats + seats { try seat.tab.settle() }
  }

  private mutating func edit(_ place: Int) throws {
    let seat = seats[place]
    let before = seat.tab.state
    let operation = BlameLog.Operation("member", name: seat.name, client: seat.client)
    try seat.tab.edit { doc in try write(to: doc) }
    log.note(operation, before: before, after: seat.tab.state)
  }

  /// Two at once, often at the same.
  private mutating func concurrently() throws {
    try settle()
    for place in [0, 1, 0, 1] { try edit(place) }
    try settle()
  }

  private mutating func write(to doc: Doc) throws {
    let jobs = doc.array("jobs").elements.compactMap(\.map)
    let job = jobs.randomElement(using: &generator)
    switch Int.random(in: 0..<12, using: &generator) {
    case 0: try doc.map("workflow").set("name", .string(name()))
    case 1: try job?.set("name", .string(name()))
    case 2: try job?.set("adaptor", .string("@openfn/\(name().lowercased())"))
    case 3: try doc.map("positions").set(SampleProject.jobs[1], .object(["x": .int(Int64(number())), "y": .int(1)]))
    case 4:
      try WorkflowDocument.append(Job(id: id(), name: name(), body: characters(3), adaptor: "@openfn/common"), to: doc)
    case 5 where jobs.count > 3: try doc.array("jobs").remove(at: 2)
    default: try type(in: job?["body"]?.text)
    }
  }

  private mutating func type(in text: YText?) throws {
    guard let text else { return }
    if text.utf16Count > 4, Bool.random(using: &generator) {
      let start = Int.random(in: 0..<text.utf16Count - 2, using: &generator)
      try text.remove(start..<start + 2)
    }
    try text.insert(
      characters(Int.random(in: 1...3, using: &generator)), at: Int.random(in: 0...text.utf16Count, using: &generator))
  }

  /// Somebody comes back under the client id of somebody else.
  private mutating func pretend() throws {
    try settle()
    let place = Int.random(in: 1..<seats.count, using: &generator)
    let (client, name) = (seats[place].client, self.name())
    seats[place].tab.close()
    let tab = try Tab(site, clientID: client, name: name)
    // A document takes another id where it finds its own in use.
    tab.doc.clientID = client
    seats[place] = Seat(tab: tab, client: client, name: name)
    try edit(place)
  }

  private mutating func restart() throws {
    try settle()
    let names = seats.map(\.name)
    for seat in seats { seat.tab.close() }
    seats.removeAll()
    try site.restart()
    for name in names { try sit(name) }
  }

  // MARK: The server

  /// Something that the server writes, after which the document is at the lock version that `body` returns; nil: it made none.
  private mutating func server(
    _ source: String, chosen: [String]? = nil, _ body: (Site) throws -> Int?
  ) throws {
    try settle()
    let before = seats[0].tab.state
    let operation = BlameLog.Operation(source)
    if let version = try body(site) {
      try seats[0].tab.wait { WorkflowDocument.lockVersion(of: $0) == version }
      operation.version = version
    }
    try settle()
    operation.number = try site.get("\(Self.path)/reconciliations?limit=1")["data"]?.array?.first?["number"]?.integer
    log.note(operation, before: before, after: seats[0].tab.state, chosen: chosen)
  }

  private mutating func save() throws {
    let old = try site.rows().lockVersion
    try server("save") { site in try site.save()["lock_version"]?.integer }
    let new = try site.rows().lockVersion
    if new > old { log.settle(in: new) }
  }

  private mutating func importVersion(_ writer: Writer) throws {
    try settle()
    let new = (name: name(), body: characters(4), first: Bool.random(using: &generator))
    try server(writer == .sql ? "database" : "import") { site in
      try site.write(writer) { content in
        let place = new.first ? 0 : content.jobs.count - 1
        content.jobs[place].body = "\(new.body.prefix(2))\(content.jobs[place].body.dropFirst(2))\(new.body.suffix(2))"
        if new.first { content.name = new.name } else { content.jobs[place].name = new.name }
      }
      return try site.rows().lockVersion
    }
    settleRows(in: try site.rows().lockVersion)
  }

  private func settleRows(in version: Int) {
    log.settle(in: version) { ["import", "database", "revert"].contains($0.source) }
  }

  /// With psql, and no new version.
  private mutating func renameByHand() throws {
    let (name, job) = (name(), try site.rows().content.jobs[0].id)
    let place = seats[0].tab
    try server("database") { site in
      try site.database.run("update jobs set name = '\(name)' where id = '\(job)'")
      try place.wait { doc in doc.array("jobs").elements.contains { $0.map?["name"]?.value?.string == name } }
      return nil
    }
  }

  /// One conflict: of several in one unit, the last choice may bring back what the first took away.
  private mutating func resolve() throws {
    let keep: JSONValue = Bool.random(using: &generator) ? "live" : "database"
    guard let conflict = try site.get("\(Self.path)/conflicts")["data"]?.array?.randomElement(using: &generator),
      let id = conflict["id"]?.string
    else { return }
    try server("resolve", chosen: conflict["unit"]?.array?.compactMap(\.string)) { site in
      try site.post("\(Self.path)/conflicts/\(id)/resolve", ["keep": keep], expecting: 200)
      return nil
    }
  }

  /// Takes back one of the last merges, if the rows may be so.
  private mutating func revert() throws {
    try settle()
    let records = try site.get("\(Self.path)/reconciliations")["data"]?.array ?? []
    guard let record = records.filter({ $0["kind"] == "reconcile" }).randomElement(using: &generator),
      let number = record["number"]?.integer
    else { return }
    let old = try site.rows().lockVersion
    try server("revert") { site in
      _ = try? site.post("\(Self.path)/reconciliations/\(number)/revert", expecting: 200)
      return try site.rows().lockVersion
    }
    let new = try site.rows().lockVersion
    if new > old { settleRows(in: new) }
  }

  // MARK: What was never written before

  private mutating func name() -> String { "Name \(number())" }

  private mutating func number() -> Int {
    lastNumber += 1
    return lastNumber
  }

  private mutating func id() -> String { "77777777-7777-4777-8777-\(String(100_000_000_000 + number()))" }

  private mutating func characters(_ count: Int) -> String {
    let first = lastCharacter
    lastCharacter += UInt16(count)
    return String(decoding: (0..<UInt16(count)).map { first + $0 }, as: UTF16.self)
  }
}
