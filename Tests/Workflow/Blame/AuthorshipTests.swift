import TestSupport
import Testing
import YCRDT

@testable import Workflow

/// Who wrote what, against a table with an entry for every unit.
@Suite struct AuthorshipTests {
  private static let save = LogAuthor(Provenance(.save), number: 3, version: 7)

  private func ids(_ client: ClientID, _ clocks: Range<UInt64>) -> IdSet {
    var ids = IdSet()
    ids.insert(client, clocks)
    return ids
  }

  private func member(_ name: String) -> LogAuthor { LogAuthor(member: Actor(type: "member", name: name)) }

  @Test func whoeverComesFirstIsTheAuthor() {
    var authorship = Authorship(start: 10)
    authorship.note(ids(1, 0..<5), by: member("Ada"), at: 100)
    // Somebody else brings the same once more, and goes on under the same client id.
    authorship.note(ids(1, 0..<8), by: member("Bob"), at: 200)
    #expect(authorship[ID(client: 1, clock: 4)].provenance?.actor.name == "Ada")
    #expect(authorship[ID(client: 1, clock: 5)].provenance?.actor.name == "Bob")
    #expect(authorship[ID(client: 1, clock: 5)].time == 200)
    let unknown = authorship[ID(client: 1, clock: 8)]
    #expect(unknown.provenance == nil && unknown.isBefore && unknown.time == 10)
    #expect(authorship.attributions(of: ID(client: 1, clock: 3), count: 7).map(\.count) == [2, 3, 2])
  }

  @Test func aSaveHasInItsVersionWhatItsStateCovers() {
    var authorship = Authorship(start: 0)
    authorship.note(ids(1, 0..<5), by: member("Ada"), at: 1)
    var save = Self.save
    save.covered = StateVector()
    save.covered?[1] = 3
    save.covered?[9] = 1
    authorship.note(ids(9, 0..<1), by: save, at: 2)
    #expect((0..<6).map { authorship[ID(client: 1, clock: $0)].version } == [7, 7, 7, nil, nil, nil])
    #expect(authorship[ID(client: 9, clock: 0)].version == 7)
    save.version = 8
    save.covered?[1] = 5
    authorship.note(ids(9, 1..<2), by: save, at: 3)
    #expect((0..<6).map { authorship[ID(client: 1, clock: $0)].version } == [7, 7, 7, 8, 8, nil])
  }

  @Test func anImportHasInItsVersionWhatWasInTheRowsBefore() {
    var authorship = Authorship(start: 0)
    authorship.note(ids(1, 0..<5), by: member("Ada"), at: 1)
    authorship.note(ids(9, 0..<5), by: LogAuthor(.unknown, number: 1), at: 1)
    authorship.note(ids(9, 5..<6), by: LogAuthor(Provenance(.importing), number: 2, version: 4), at: 2)
    #expect(authorship[ID(client: 9, clock: 0)].version == 4)
    #expect(authorship[ID(client: 1, clock: 0)].version == nil)
  }

  /// What comes from a branch, like what somebody chose, is in the document alone until it is saved.
  @Test(arguments: [Provenance.Source.recover, .resolve])
  func whatTheServerWroteForSomebodyIsInNoVersionYet(source: Provenance.Source) {
    var authorship = Authorship(start: 0)
    authorship.note(ids(9, 0..<5), by: LogAuthor(Provenance(source), number: 1), at: 1)
    authorship.note(ids(9, 5..<6), by: LogAuthor(Provenance(.importing), number: 2, version: 4), at: 2)
    #expect(authorship[ID(client: 9, clock: 0)].version == nil)
  }

  @Test(arguments: UInt64(1)...50)
  func g18_itIsWhatTheLogSaysAlsoWhenTakenInInParts(seed: UInt64) throws {
    var random = RandomLog(seed: seed)
    var whole = Authorship(start: 5, precision: random.precision)
    var parts = whole
    for step in 0..<200 {
      let entry = random.entry()
      whole.note(entry.ids, by: entry.author, at: entry.time)
      parts.note(entry.ids, by: entry.author, at: entry.time)
      if step % 7 == 0 { parts = try #require(Authorship(json: parts.json, precision: random.precision)) }
    }
    #expect(parts.count == whole.count, "seed \(seed)")
    for (client, units) in random.units {
      for (clock, expected) in units {
        let id = ID(client: client, clock: clock)
        #expect(whole[id] == parts[id], "seed \(seed), \(id)")
        #expect(whole[id].provenance == expected.provenance, "seed \(seed), \(id)")
        #expect(whole[id].number == expected.number, "seed \(seed), \(id)")
        #expect(whole[id].version == expected.version, "seed \(seed), \(id)")
        let late = expected.time - whole[id].time
        #expect(late == 0 || (late > 0 && late < random.precision), "seed \(seed), \(id)")
      }
    }
  }

  @Test(arguments: UInt64(1)...30)
  func g17_itNeverKeepsMoreThanItsLimitAndSaysNothingWrong(seed: UInt64) {
    var random = RandomLog(seed: seed)
    var authorship = Authorship(start: 5, precision: random.precision)
    for step in 0..<300 {
      let entry = random.entry()
      authorship.note(entry.ids, by: entry.author, at: entry.time)
      if step % 10 == 9 { authorship.limit(to: 40) { random.deleted() } }
      #expect(authorship.count <= 40 + 10 * 8, "seed \(seed)")
    }
    authorship.limit(to: 40) { random.deleted() }
    #expect(authorship.count <= 40, "seed \(seed)")
    let deleted = random.deleted()
    for (client, units) in random.units {
      for (clock, expected) in units where !deleted.contains(ID(client: client, clock: clock)) {
        let found = authorship[ID(client: client, clock: clock)]
        let note: String = "seed \(seed), \(client):\(clock)"
        #expect(found.provenance == nil || found.provenance == expected.provenance, "\(note)")
        #expect(found.number == nil || found.number == expected.number, "\(note)")
        if found.isBefore {
          #expect(found.time + random.precision >= expected.time, "\(note)")
        } else {
          #expect((found.time...found.time + random.precision).contains(expected.time), "\(note)")
        }
        if let version = found.version, let first = expected.version { #expect(version >= first, "\(note)") }
      }
    }
  }

  @Test func theAuthorOfAnEntryReadsBackAsItWas() {
    var author = LogAuthor(
      Provenance(.git, actor: Actor(type: "repository", id: "7", name: "Ops \"x\""), commit: "abc"), number: 12,
      version: 3)
    author.covered = StateVector()
    author.covered?[1 << 40] = 1 << 33
    author.isOlder = true
    #expect(LogAuthor(json: author.json) == author)
    #expect(LogAuthor(json: member("Ada").json) == member("Ada"))
    #expect(LogAuthor(json: ["source": "nonsense", "type": "x"]) == nil)
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_827_696, "2000-02-29T12:34:56Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
    (1_795_270_000, "2026-11-21T14:06:40Z"), (-1, "1969-12-31T23:59:59Z"),
  ])
  func timesAreWrittenAsISO8601(seconds: Int64, text: String) {
    #expect(Attribution.text(seconds) == text)
  }
}

/// Entries as a log has them, and a table of what they say.
private struct RandomLog {
  struct Unit {
    var provenance: Provenance
    var number: Int64?
    var time: Int64
    var version: Int?
    var writesRows: Bool
  }

  struct Entry {
    var ids: IdSet
    var author: LogAuthor
    var time: Int64
  }

  let precision: Int64
  private(set) var units: [ClientID: [UInt64: Unit]] = [:]
  private var generator: SeededGenerator
  private var time: Int64 = 100
  private var version = 1
  private var number: Int64 = 0

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    precision = [0, 60, 1000].randomElement(using: &generator) ?? 60
  }

  mutating func entry() -> Entry {
    time += Int64.random(in: 0...40, using: &generator)
    var author = author()
    var ids = IdSet()
    for _ in 0...Int.random(in: 0..<3, using: &generator) {
      let client = ClientID.random(in: 1...6, using: &generator)
      let known = units[client]?.keys.max().map { $0 + 1 } ?? 0
      // Mostly what comes next; at times again what is there, or what comes later.
      let start = UInt64(max(0, Int(known) + ([0, 0, 0, -3, 2].randomElement(using: &generator) ?? 0)))
      ids.insert(client, start..<start + UInt64.random(in: 1...6, using: &generator))
    }
    if author.provenance.source == .save {
      author.covered = StateVector()
      for (client, known) in units {
        author.covered?[client] = UInt64.random(in: 0...(known.keys.max() ?? 0) + 1, using: &generator)
      }
    }
    note(ids, author)
    return Entry(ids: ids, author: author, time: time)
  }

  private mutating func author() -> LogAuthor {
    number += 1
    switch Int.random(in: 0..<8, using: &generator) {
    case 0:
      version += 1
      return LogAuthor(Provenance(.save), number: number, version: version)
    case 1:
      version += 1
      return LogAuthor(Provenance(.importing), number: number, version: version)
    case 2: return LogAuthor(.unknown, number: number)
    default:
      return LogAuthor(member: Actor(type: "member", name: ["Ada", "Bob"].randomElement(using: &generator)))
    }
  }

  private mutating func note(_ ids: IdSet, _ author: LogAuthor) {
    let writesRows = [.importing, .database].contains(author.provenance.source)
    for client in ids.clients {
      for clock in ids.ranges(of: client).joined() where units[client]?[clock] == nil {
        units[client, default: [:]][clock] = Unit(
          provenance: author.provenance, number: author.number, time: time, version: author.version,
          writesRows: writesRows)
      }
    }
    guard let version = author.version else { return }
    for (client, list) in units {
      for (clock, unit) in list where unit.version == nil {
        let isSettled = author.covered.map { $0[client] > clock } ?? (writesRows && unit.writesRows)
        if isSettled {
          units[client]?[clock]?.version = version
        }
      }
    }
  }

  /// Every third unit: the same ones each time.
  func deleted() -> IdSet {
    var ids = IdSet()
    for (client, list) in units {
      for clock in list.keys where clock / 4 % 3 == 0 { ids.insert(client, clock..<clock + 1) }
    }
    return ids
  }
}
