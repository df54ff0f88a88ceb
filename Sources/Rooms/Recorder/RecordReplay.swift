import Workflow
import YCRDT

/// A replay of a record: does again what the room did, and says where it comes to something else.
public struct RecordReplay {
  /// Where a replay came to something else than the record says.
  public struct Difference: Hashable, Sendable, CustomStringConvertible {
    /// The number of the step.
    public var step: Int
    /// What is different.
    public var what: String

    public var description: String { "step \(step): \(what)" }
  }

  /// The first difference; nil where everything came to the same bytes.
  public private(set) var difference: Difference?
  /// The room at the end.
  public private(set) var room: Room
  private var marks: ArraySlice<RecordMark>
  private let steps: [RecordedStep]

  /// Makes the room with which the record begins.
  public init(_ record: RoomRecord) throws(RecordError) {
    guard let keyframe = record.keyframe else {
      throw RecordError("the record cannot be replayed: " + (record.header.lacks ?? "it has no keyframe"))
    }
    guard keyframe.isConsistent else { throw RecordError("the state that the record begins with contradicts itself") }
    guard record.header.configuration.isConsistent else {
      throw RecordError("the record's configuration has a negative limit or time")
    }
    do {
      room = try Room(keyframe, configuration: try record.header.configuration.configuration())
    } catch {
      throw RecordError("the state that the record begins with cannot be read: \(error)")
    }
    marks = record.marks[...]
    steps = record.steps
  }

  /// Does all steps. `body` is told of each with the effects that it had now.
  public mutating func run(_ body: (RecordedStep, [Room.Effect]) -> Void = { _, _ in }) {
    check(marksAfter: (steps.first?.number ?? 1) - 1)
    for step in steps {
      var effects: [Room.Effect] = []
      room.handle(step.event, now: step.at, effects: &effects)
      compare(step, effects)
      check(marksAfter: step.number)
      body(step, effects)
    }
  }

  /// Does all steps, and says what they come to now.
  mutating func renewedSteps() -> [RecordedStep] {
    steps.map { step in
      var (step, effects): (RecordedStep, [Room.Effect]) = (step, [])
      room.handle(step.event, now: step.at, effects: &effects)
      step.effects = effects.map(RecordedEffect.init)
      step.digest = room.cheapDigest
      return step
    }
  }

  private mutating func compare(_ step: RecordedStep, _ effects: [Room.Effect]) {
    guard difference == nil else { return }
    let recorded = effects.map(RecordedEffect.init)
    if let place = zip(recorded, step.effects).enumerated().first(where: { $1.0 != $1.1 }) {
      let (now, then) = place.element
      difference = Difference(
        step: step.number, what: "effect \(place.offset + 1) was \(then.summary), and is \(now.summary) in the replay")
    } else if recorded.count != step.effects.count {
      let (now, then) = (recorded.count, step.effects.count)
      let names = (now > then ? recorded : step.effects).dropFirst(min(now, then)).map(\.summary)
      difference = Difference(
        step: step.number,
        what: "there were \(then) effects, and are \(now) in the replay: \(now > then ? "more" : "fewer") by "
          + names.joined(separator: ", "))
    } else if room.cheapDigest != step.digest {
      difference = Difference(step: step.number, what: "the effects are the same and the room's state is not")
    }
  }

  private mutating func check(marksAfter number: Int) {
    while let mark = marks.first, mark.after <= number {
      marks = marks.dropFirst()
      guard difference == nil, mark.after == number, room.recordedContents != mark.contents else { continue }
      let now = room.recordedContents
      let what = now.document == mark.contents.document ? "the base" : "the document"
      difference = Difference(
        step: number, what: "\(what) is not the same: it had \(mark.contents.bytes) bytes, and has \(now.bytes) here")
    }
  }
}

/// Why a record cannot be read or replayed.
public struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String

  init(_ description: String) {
    self.description = description
  }
}

extension RecordedEffect {
  /// In words.
  public var summary: String {
    let target =
      isBroadcast ? " to all" + (subject == 0 ? "" : " but \(subject)") : subject == 0 ? "" : " (\(subject))"
    return "\(kind)\(target)" + (bytes > 0 ? ", \(bytes) bytes" : "") + " #\(String(digest, radix: 16))"
  }
}
