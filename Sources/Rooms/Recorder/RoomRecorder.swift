import Workflow

/// Keeps what goes into a room and what comes out, of the last minutes, within bounds.
///
/// A record is a keyframe and the steps that follow from it. So that the oldest can be dropped it consists of segments, each
/// of which begins with a keyframe of its own: whatever is left can be replayed. Belongs to the room's thread.
public struct RoomRecorder {
  private struct Segment {
    var start: Start
    var keyframeBytes: Int
    var log = StepLog()
    /// What the room held when the segment began.
    var mark: RecordMark

    var bytes: Int { keyframeBytes + log.size }
  }

  /// A keyframe takes more memory than the rest of a room to which little happens, and most of them begin as new ones.
  private enum Start {
    case newRoom
    indirect case keyframe(RoomKeyframe)
  }

  private let budget: RecordBudget
  private var segments: [Segment] = []
  /// How many events there were.
  private var count = 0
  /// When the document was found too large to be recorded.
  private var tooLargeSince: Milliseconds?
  private var bytes = 0
  /// What ended the room, if that was a fault.
  public private(set) var fault: String?

  /// A recorder for a room to which nothing has happened yet.
  public init(_ room: Room, budget: RecordBudget) {
    self.budget = budget
    budget.recorders += 1
    begin(.newRoom, keyframeBytes: 0, room)
  }

  /// Notes one event and what the room has just made of it.
  public mutating func record(_ event: Room.Event, at now: Milliseconds, _ effects: [Room.Effect], _ room: Room) {
    count += 1
    noteFault(event, effects)
    guard !segments.isEmpty else { return beginAgain(room, at: now) }
    let last = segments.count - 1
    let before = segments[last].log.size
    segments[last].log.append(event, at: now, effects, digest: room.cheapDigest)
    add(segments[last].log.size - before)
    if isFull(segments[last], at: now) { begin(room) }
    drop(at: now)
  }

  /// Forgets everything, and says how much that was. Nothing may be recorded afterwards.
  public mutating func close() {
    add(-bytes)
    segments = []
    budget.recorders -= 1
  }

  /// About what it keeps, in bytes.
  public var usedBytes: Int { bytes }

  // MARK: Segments

  /// A new segment costs a keyframe, which has to be small beside what was recorded since the last one.
  private func isFull(_ segment: Segment, at now: Milliseconds) -> Bool {
    if segment.log.size >= max(budget.share / Self.segments, segment.keyframeBytes) { return true }
    return !segment.log.isIdle && now - segment.log.firstAt >= budget.limits.window / Milliseconds(Self.segments)
  }

  private static let segments = 4

  private mutating func begin(_ room: Room) {
    let keyframe = RoomKeyframe(room)
    begin(.keyframe(keyframe), keyframeBytes: keyframe.bytes, room)
  }

  private mutating func begin(_ start: Start, keyframeBytes size: Int, _ room: Room) {
    let mark = RecordMark(after: count, contents: room.recordedContents)
    segments.append(Segment(start: start, keyframeBytes: size, mark: mark))
    add(size)
    guard size > budget.share / 2 else { return }
    tooLargeSince = room.now
    dropAll()
  }

  /// What was too large may not be any more.
  private mutating func beginAgain(_ room: Room, at now: Milliseconds) {
    guard let since = tooLargeSince, now - since >= budget.limits.window / Milliseconds(Self.segments) else { return }
    tooLargeSince = nil
    begin(room)
  }

  /// Drops the oldest segments that are out of the window, or beyond what may be kept.
  private mutating func drop(at now: Milliseconds) {
    while segments.count > 1, bytes > budget.share || segments[1].log.firstAtOr(now) < now - budget.limits.window {
      add(-segments.removeFirst().bytes)
    }
    guard bytes > budget.share || budget.usedBytes > budget.limits.maximumTotalBytes, !segments.isEmpty else { return }
    // A single event may be larger than all that is allowed.
    tooLargeSince = now
    dropAll()
  }

  private mutating func dropAll() {
    segments = []
    add(-bytes)
  }

  private mutating func add(_ difference: Int) {
    bytes += difference
    budget.usedBytes += difference
  }

  private mutating func noteFault(_ event: Room.Event, _ effects: [Room.Effect]) {
    switch event {
    case .appendRefused(let why): fault = "an edit could not be stored: \(why)"
    case .loadFailed(.damaged(let why)): fault = "the document could not be loaded: \(why)"
    case .storeRefused(let why): fault = "the store refused what is needed: \(why)"
    default: break
    }
    guard effects.last == .unload else { return }
    for case .reply(_, .unreadable(let why)) in effects { fault = fault ?? "the document could not be read: \(why)" }
  }

  // MARK: Taking it out

  /// What is kept. `exportedAt` is the time in ISO 8601.
  public func record(of room: Room, exportedAt: String) -> KeptRecord {
    KeptRecord(
      header: RoomRecord.Header(
        document: room.name, configuration: RecordedConfiguration(room.configuration), exportedAt: exportedAt,
        clock: room.now, fault: fault, lacks: lacks),
      keyframe: keyframe(of: room), first: (segments.first?.mark.after ?? count) + 1,
      logs: segments.map(\.log),
      marks: segments.map(\.mark) + [RecordMark(after: count, contents: room.recordedContents)], bytes: bytes)
  }

  private func keyframe(of room: Room) -> RoomKeyframe? {
    switch segments.first?.start {
    case .newRoom: RoomKeyframe(Room(name: room.name, configuration: room.configuration))
    case .keyframe(let keyframe): keyframe
    case nil: nil
    }
  }

  private var lacks: String? {
    segments.isEmpty ? "the document is too large for \(budget.share) bytes, which its record may take" : nil
  }
}

extension StepLog {
  fileprivate func firstAtOr(_ now: Milliseconds) -> Milliseconds { count == 0 ? now : firstAt }
}

extension Room {
  /// Handles an event, and has it recorded. Returns `storedSequence`.
  ///
  /// All of that in one call, on the room where it lies: to hand a room over, or to ask it for something, copies it.
  public mutating func handle(
    _ event: Event, now: Milliseconds, effects: inout [Effect], recorder: inout RoomRecorder?
  ) -> Int64 {
    handle(event, now: now, effects: &effects)
    recorder?.record(event, at: now, effects, self)
    return storedSequence
  }
}

/// What a recorder had kept, still as compact as there. Can be passed to other threads.
public struct KeptRecord: Sendable {
  public var header: RoomRecord.Header
  let keyframe: RoomKeyframe?
  let first: Int
  let logs: [StepLog]
  let marks: [RecordMark]
  /// About what it takes in memory.
  public let bytes: Int

  /// Takes it apart. O(size of the record).
  public var record: RoomRecord {
    var steps: [RecordedStep] = []
    for log in logs { steps += log.steps(from: first + steps.count) }
    return RoomRecord(header: header, keyframe: keyframe, steps: steps, marks: marks)
  }
}
