import TestSupport
import Testing

@testable import YCRDT

/// Differences written in one pass, held against those of the decoded structs.
@Suite struct DifferenceTests {
  /// The result, or what is wrong.
  private enum Outcome: Equatable {
    case update([UInt8])
    case error(UpdateError)

    init(_ body: () throws(UpdateError) -> [UInt8]) {
      do throws(UpdateError) {
        self = .update(try body())
      } catch {
        self = .error(error)
      }
    }
  }

  /// Nil if the clients do not come in the usual order.
  private static func direct(_ update: [UInt8], _ known: StateVector) -> Outcome? {
    update.withUnsafeBufferPointer { bytes in
      do throws(UpdateError) {
        return try UpdateDifference.write(bytes, since: known, limits: DocLimits()).map { .update($0) }
      } catch {
        return .error(error)
      }
    }
  }

  private static func decoded(_ update: [UInt8], _ known: StateVector) -> Outcome {
    Outcome { () throws(UpdateError) in
      var structs = UpdateStructs(DocLimits())
      try structs.add(update)
      return structs.difference(since: known)
    }
  }

  /// A long history of several people: clients whose numbers take one byte to eight, clocks of one byte to three.
  private static func history(_ random: inout SeededGenerator) throws -> (whole: [UInt8], ends: StateVector) {
    var editor = RandomEditor(seed: random.next())
    let clients: [UInt64] = [3, 120, 9000, 3_000_000, 4_000_000_000, 1 << 52]
    let docs = clients.shuffled(using: &random).prefix(3).map { Doc(clientID: $0) }
    let lead = Int.random(in: 0...2, using: &random)
    for doc in docs where lead > 0 {
      try doc.transact { try doc.text("t").append(String(repeating: "s", count: lead * lead * 9000)) }
    }
    for _ in 0..<60 {
      let doc = editor.pick(docs)
      try editor.edit(doc, formats: true)
      if Int.random(in: 0..<4, using: &random) == 0 { try editor.pick(docs).apply(doc.encodeStateAsUpdate()) }
    }
    for doc in docs.dropFirst() { try docs[0].apply(doc.encodeStateAsUpdate()) }
    return (docs[0].encodeStateAsUpdate(), docs[0].stateVector)
  }

  private static func state(within ends: StateVector, _ random: inout SeededGenerator) -> StateVector {
    var known = StateVector()
    for client in ends.clients where Bool.random(using: &random) {
      let end = ends[client]
      known[client] = [UInt64.random(in: 0...end, using: &random), end, end + 5].randomElement(using: &random) ?? 0
    }
    return known
  }

  @Test(arguments: UInt64(1)...25) func itIsThatOfTheDecodedStructs(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let (whole, ends) = try Self.history(&random)
    for _ in 0..<20 {
      let known = Self.state(within: ends, &random)
      #expect(Self.direct(whole, known) == Self.decoded(whole, known), "seed \(seed)")
    }
  }

  /// Damaged updates are refused for the same reason at the same place, or mean the same.
  @Test(arguments: UInt64(1)...25) func damagedOnesAreRefusedAlike(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let (whole, ends) = try Self.history(&random)
    for _ in 0..<60 {
      var damaged = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<damaged.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
        case 1: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: damaged.insert(0x80, at: place)
        default: damaged.removeSubrange(place...)
        }
        if damaged.isEmpty { break }
      }
      let known = Self.state(within: ends, &random)
      guard let direct = Self.direct(damaged, known) else { continue }
      switch (direct, Self.decoded(damaged, known)) {
      case (.update(let mine), .update(let theirs)):
        // Numbers of deletions are copied however they are spelled.
        #expect(Self.decoded(mine, StateVector()) == Self.decoded(theirs, StateVector()), "seed \(seed)")
      case (let mine, let theirs):
        #expect(mine == theirs, "seed \(seed)")
      }
    }
  }

  // MARK: - Usual structs

  private static func number(_ value: UInt64) -> [UInt8] {
    var writer = ByteWriter()
    writer.varUInt(value)
    return writer.bytes
  }

  /// How many structs are passed over, and where the clock then is.
  private static func skipped(
    _ structs: [[UInt8]], client: UInt64, from clock: UInt64, to end: UInt64 = ByteReader.maxNumber,
    atMost most: Int = 99
  ) -> (count: Int, clock: UInt64, position: Int) {
    let head = number(client)
    let bytes = head + structs.flatMap { $0 } + [UInt8](repeating: 0, count: 64)
    return bytes.withUnsafeBufferPointer { bytes in
      var reader = ByteReader(bytes)
      reader.position = head.count
      var clock = clock
      let count = reader.skipUsualStructs(reader.spelled(client, from: 0), &clock, to: end, atMost: most)
      return (count, clock, reader.position - head.count)
    }
  }

  @Test(arguments: [5, 300, 20_000, 3_000_000, 4_000_000_000, 1 << 52] as [UInt64])
  func usualStructsArePassedOver(client: UInt64) {
    for clock in [3, 200, 20_000, 3_000_000, 1 << 40] as [UInt64] {
      let own = Self.number(client) + Self.number(clock - 1)
      let other = Self.number(7) + Self.number(clock + 10)
      let structs: [[UInt8]] = [
        [0x84] + own + [2, 0x61, 0x62],
        [0xC4] + own + other + [7] + Array("aé🧵".utf8),
        [0x44] + other + [40] + [UInt8](repeating: 0x61, count: 40),
        [0x81] + own + Self.number(1000),
      ]
      let length: UInt64 = 2 + 4 + 40 + 1000
      #expect(Self.skipped(structs, client: client, from: clock) == (4, clock + length, structs.flatMap { $0 }.count))
      #expect(Self.skipped(structs, client: client, from: clock, to: clock + 5).count == 1)
      #expect(Self.skipped(structs, client: client, from: clock, atMost: 3).count == 3)
    }
  }

  /// Every one of these is for who knows all kinds, or knows what is wrong.
  @Test func unusualOnesAreNotPassedOver() {
    let sound: [UInt8] = [0x84, 5, 0, 1, 0x61]
    #expect(Self.skipped([sound], client: 5, from: 1).count == 1)
    for (what, other): (String, [UInt8]) in [
      ("collected", [0x00, 3]), ("a Skip", [0x0A, 3]), ("no origin", [0x04, 1, 1, 0x74, 1, 0x61]),
      ("any", [0x88, 5, 0, 1, 0x7E]),
      ("a key besides the origin", [0xA4, 5, 0, 1, 0x61]), ("unknown content", [0x8B, 5, 0, 1]),
      ("an origin of its own clock", [0x84, 5, 1, 1, 0x61]),
      ("a right origin of its own clock", [0x44, 5, 1, 1, 0x61]),
      ("an own client spelled longer", [0x84, 0x85, 0, 0, 1, 0x61]),
      ("a clock spelled longer", [0x84, 5, 0x80, 0, 1, 0x61]),
      ("a clock spelled much longer", [0x84, 7, 0x81, 0x80, 0x80, 0x80, 0, 1, 0x61]),
      ("a client of eight bytes", [0x84, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0, 1, 0x61]),
      ("a length spelled longer", [0x84, 5, 0, 0x81, 0, 0x61]), ("an empty text", [0x84, 5, 0, 0]),
      ("a deletion of nothing", [0x81, 5, 0, 0]), ("no UTF-8", [0x84, 5, 0, 2, 0xC3, 0x28]),
      ("a text that is cut off", [0x84, 5, 0, 0x80, 1] + [UInt8](repeating: 0x61, count: 30)),
    ] {
      let result = Self.skipped([other], client: 5, from: 1)
      #expect(result == (0, 1, 0), "\(what)")
    }
    // Near the end of the bytes nothing is read along.
    let bytes = Self.number(5) + sound + [UInt8](repeating: 0, count: 40)
    bytes.withUnsafeBufferPointer { bytes in
      var reader = ByteReader(bytes)
      reader.position = 1
      var clock: UInt64 = 1
      #expect(reader.skipUsualStructs(reader.spelled(5, from: 0), &clock, to: 100, atMost: 1) == 0)
    }
  }
}
