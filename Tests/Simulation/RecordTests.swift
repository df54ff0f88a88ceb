import Foundation
import Rooms
import TestSupport
import Testing
import Workflow

/// What rooms of random histories did is recorded, and replayed to the same bytes: as it was taken out, as it was written and
/// read, and redacted.
@Suite struct RecordTests {
  private static let seeds: Range<UInt64> = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["HEDDLE_SIMULATION_SEED"].flatMap(UInt64.init) { return seed..<(seed + 1) }
    return 1..<(1 + (environment["HEDDLE_SIMULATION_RUNS"].flatMap(UInt64.init) ?? 8))
  }()

  /// The records of all rooms of a run, with those that are open at its end.
  private func records(_ seed: UInt64, _ limits: RecorderLimits, hasResets: Bool = false) throws -> [RoomRecord] {
    var kept: [KeptRecord] = []
    let simulation = Simulation(seed: seed, options: .init(hasResets: hasResets, records: limits))
    for node in simulation.nodes {
      node.onRecord = { kept.append($0) }
    }
    try simulation.run()
    for node in simulation.nodes {
      #expect(node.recordedBytes <= limits.maximumTotalBytes)
      node.handOverRecord()
      #expect(node.recordedBytes == 0, "seed \(seed)")
    }
    return kept.map(\.record)
  }

  private static let whole: RecorderLimits = {
    var limits = RecorderLimits()
    (limits.window, limits.maximumBytes) = (1 << 40, 16 << 20)
    return limits
  }()

  private static let small: RecorderLimits = {
    var limits = RecorderLimits()
    (limits.window, limits.maximumBytes) = (60_000, 48 << 10)
    return limits
  }()

  @discardableResult
  private func expectReplay(_ record: RoomRecord, _ what: String) throws -> Room {
    var replay = try RecordReplay(record)
    replay.run()
    #expect(replay.difference == nil, "\(what): \(replay.difference.map(String.init(describing:)) ?? "")")
    return replay.room
  }

  @Test func aRecordIsReplayedToTheSameBytes() throws {
    var steps = 0
    for seed in Self.seeds {
      for record in try records(seed, Self.whole, hasResets: seed.isMultiple(of: 2)) {
        try expectReplay(record, "HEDDLE_SIMULATION_SEED=\(seed)")
        #expect(record.steps.first.map { $0.number == 1 } ?? true)
        steps += record.steps.count
      }
    }
    #expect(steps > 1_000)
  }

  /// What is left of a long history begins with a keyframe in the middle of everything.
  @Test func aRecordThatHasLostItsBeginningIsReplayedToo() throws {
    var cut = 0
    for seed in Self.seeds {
      for record in try records(seed, Self.small) where record.keyframe != nil {
        try expectReplay(record, "HEDDLE_SIMULATION_SEED=\(seed)")
        if let first = record.steps.first, first.number > 1 { cut += 1 }
      }
    }
    #expect(cut > 2)
  }

  @Test func aRecordIsTheSameAfterItWasWrittenAndRead() throws {
    for seed in Self.seeds.prefix(3) {
      for record in try records(seed, Self.small) where record.keyframe != nil {
        let lines = try record.lines()
        let read = try RoomRecord(parsing: lines)
        #expect(read.steps.count == record.steps.count)
        #expect(read.marks == record.marks)
        try expectReplay(read, "HEDDLE_SIMULATION_SEED=\(seed)")
      }
    }
  }

  /// With the same structure, and nothing of what was written.
  @Test func aRedactedRecordIsReplayedToTheSameBytesAndSaysNothing() throws {
    for seed in Self.seeds {
      for record in try records(seed, Self.small) where record.keyframe != nil {
        let redacted = try record.redacted(key: seed &* 77)
        let read = try RoomRecord(parsing: try redacted.lines())
        let room = try expectReplay(read, "HEDDLE_SIMULATION_SEED=\(seed), redacted")
        #expect(room.storedSequence == (try expectReplay(record, "HEDDLE_SIMULATION_SEED=\(seed)")).storedSequence)
        expectSameShape(record, redacted, seed)
        expectOtherContent(try expectReplay(record, "HEDDLE_SIMULATION_SEED=\(seed)"), room, seed)
      }
    }
  }

  /// No name and no text is what it was, and each is as long.
  private func expectOtherContent(_ room: Room, _ redacted: Room, _ seed: UInt64) {
    guard let (ours, theirs) = content(of: room).flatMap({ ours in content(of: redacted).map { (ours, $0) } }) else {
      return
    }
    #expect(ours.jobs.map(\.id) == theirs.jobs.map(\.id) && ours.name != theirs.name, "HEDDLE_SIMULATION_SEED=\(seed)")
    for (job, other) in zip(ours.jobs, theirs.jobs) {
      #expect(job.name.isEmpty || job.name != other.name, "HEDDLE_SIMULATION_SEED=\(seed)")
      #expect(
        job.body.utf16.count == other.body.utf16.count && job.body != other.body, "HEDDLE_SIMULATION_SEED=\(seed)")
      #expect(!other.body.contains("state"), "HEDDLE_SIMULATION_SEED=\(seed)")
    }
  }

  private func content(of room: Room) -> WorkflowContent? {
    var (room, effects): (Room, [Room.Effect]) = (room, [])
    room.handle(.request(1 << 40, .read), now: 1 << 40, effects: &effects)
    for case .reply(_, .live(let live)) in effects { return live.content }
    return nil
  }

  /// The room does the same with other texts: as many effects of the same kinds and sizes.
  private func expectSameShape(_ record: RoomRecord, _ redacted: RoomRecord, _ seed: UInt64) {
    func shape(_ step: RecordedStep) -> [String] { step.effects.map { "\($0.kind) \($0.subject) \($0.bytes)" } }
    let other = zip(record.steps, redacted.steps).first { shape($0) != shape($1) }
    #expect(
      other == nil,
      "HEDDLE_SIMULATION_SEED=\(seed): step \(other?.0.number ?? 0) \(other.map { shape($0.0) } ?? []) \(other.map { shape($0.1) } ?? [])"
    )
  }

  /// A replay that cannot come to the same says at which step.
  @Test func aChangedStepIsFound() throws {
    func edits(_ record: RoomRecord) -> [Int] {
      record.steps.indices.filter { index in
        guard case .message(_, .update) = record.steps[index].event else { return false }
        return record.steps[index].effects.contains { $0.kind == .update }
      }
    }
    let record = try #require(try records(5, Self.whole).max { edits($0).count < edits($1).count })
    let index = try #require(edits(record).dropFirst(edits(record).count / 2).first)
    var changed = record
    changed.steps[index].event = .tick
    var replay = try RecordReplay(changed)
    replay.run()
    #expect(replay.difference?.step == record.steps[index].number)
  }

  @Test func aKeyframeThatIsNotTheStateIsFound() throws {
    var record = try #require(try records(3, Self.small).first { $0.keyframe != nil && $0.steps.count > 5 })
    record.marks[0].contents.document = "0000000000000000"
    var replay = try RecordReplay(record)
    replay.run()
    #expect(replay.difference?.what.contains("the document") == true)
  }

  /// In a file that somebody changed may be any number. What a room counts with has to be one that a room can have.
  @Test(arguments: [
    ("lastAppendIndex", "-7"), ("committedAppendIndex", "-1"), ("failures", "-1"), ("pendingBytes", "-1"),
    ("pendingBytes", "9007199254740992"), ("pendingAppendsStart", "7"), ("maximumClients", "-1"),
    ("retryDelay", "-250"),
  ])
  func numbersThatNoRoomHasAreRefused(_ name: String, _ number: String) throws {
    let record = try #require(try records(1, Self.whole).first { $0.keyframe != nil })
    var lines = try record.lines()
    let place = try #require(lines.range(of: "(?<=\"\(name)\":)[0-9]+", options: .regularExpression))
    lines.replaceSubrange(place, with: number)
    #expect(throws: RecordError.self) { try RecordReplay(try RoomRecord(parsing: lines)) }
  }

  /// A property that a room gets later has to be in the keyframe, or it is forgotten there.
  @Test func aKeyframeHasAllThatARoomHas() throws {
    let record = try #require(try records(1, Self.whole).first)
    let frame = try #require(record.keyframe)
    let known = Set(Mirror(reflecting: frame).children.compactMap(\.label))
    let room = Room(name: record.header.document)
    let properties = Set(Mirror(reflecting: room).children.compactMap(\.label))
    // The document is there as bytes, and its whole state follows from it; the configuration is in the header; effects are empty
    // between events.
    let elsewhere: Set = ["doc", "wholeState", "configuration", "statistics", "effects"]
    #expect(properties.subtracting(elsewhere) == known.subtracting(["document"]))
  }

  @Test(arguments: [
    "", "\n", "{}", "[]", "{\"header\":{}}", "{\"header\":{\"format\":\"heddle-record\",\"version\":2}}",
    String(repeating: "[", count: 10_000),
  ])
  func whatIsNoRecordIsRefused(_ text: String) {
    #expect(throws: RecordError.self) { try RoomRecord(parsing: text) }
  }

  /// Whatever is done to the lines: an error that says what, or a replay that ends.
  @Test func aBrokenRecordIsRefusedOrReplayed() throws {
    let record = try #require(try records(2, Self.small).first { $0.keyframe != nil && $0.steps.count > 10 })
    let bytes = Array(try record.lines().utf8)
    var random = SeededGenerator(seed: 11)
    for _ in 0..<60 {
      var broken = bytes
      for _ in 0..<Int.random(in: 1..<4, using: &random) {
        broken[Int.random(in: 0..<broken.count, using: &random)] = UInt8.random(in: 32..<127, using: &random)
      }
      do throws(RecordError) {
        var replay = try RecordReplay(try RoomRecord(parsing: broken))
        replay.run()
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
