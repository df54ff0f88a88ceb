import Workflow
import YProtocol

/// Steps in a compact form: what happens often takes a few bytes and no allocation of its own, what is rare is kept as it is.
struct StepLog: Sendable {
  private var bytes: [UInt8] = []
  private var rare: [Room.Event] = []
  private(set) var count = 0
  /// About what it takes in memory.
  private(set) var size = 0
  /// By the room's clock, of the first and the last step.
  private(set) var firstAt: Milliseconds = 0
  private(set) var lastAt: Milliseconds = 0
  /// Whether all that happened is that time passed.
  private(set) var isIdle = true

  private enum Code: UInt8 {
    case rare, tick, leave, lagging, caughtUp, rowsChanged, logGrew, appended
    case syncStep1, syncStep2, update, awareness, syncStatus
  }

  mutating func append(_ event: Room.Event, at now: Milliseconds, _ effects: [Room.Effect], digest: UInt32) {
    if count == 0 { (firstAt, lastAt) = (now, now) }
    let before = bytes.count
    write(UInt64(max(0, now - lastAt)))
    lastAt = max(now, lastAt)
    write(event)
    write(UInt64(effects.count))
    for effect in effects { write(RecordedEffect(effect)) }
    write(fixed: digest)
    count += 1
    size += bytes.count - before
  }

  private mutating func write(_ event: Room.Event) {
    if case .tick = event { return bytes.append(Code.tick.rawValue) }
    isIdle = false
    switch event {
    case .message(let member, .update(let payload)): write(.update, member, payload)
    case .message(let member, .awareness(let payload)): write(.awareness, member, payload)
    case .message(let member, .syncStatus(let payload)): write(.syncStatus, member, payload)
    case .message(let member, .syncStep1(let payload)): write(.syncStep1, member, payload)
    case .message(let member, .syncStep2(let payload)): write(.syncStep2, member, payload)
    case .appended(let index, let sequence) where index >= 0 && sequence >= 0:
      write(.appended, UInt64(index))
      write(UInt64(sequence))
    case .leave(let member): write(.leave, member)
    case .lagging(let member): write(.lagging, member)
    case .caughtUp(let member): write(.caughtUp, member)
    case .logGrew(let sequence) where sequence >= 0: write(.logGrew, UInt64(sequence))
    case .rowsChanged: bytes.append(Code.rowsChanged.rawValue)
    default:
      bytes.append(Code.rare.rawValue)
      rare.append(event)
      size += event.approximateBytes
    }
  }

  private mutating func write(_ code: Code, _ number: UInt64, _ payload: [UInt8]) {
    write(code, number)
    write(UInt64(payload.count))
    bytes.append(contentsOf: payload)
  }

  private mutating func write(_ code: Code, _ number: UInt64) {
    bytes.append(code.rawValue)
    write(number)
  }

  private mutating func write(_ effect: RecordedEffect) {
    bytes.append(effect.kind.rawValue | (effect.isBroadcast ? 0x80 : 0))
    write(effect.subject)
    write(UInt64(effect.bytes))
    write(fixed: effect.digest)
  }

  private mutating func write(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func write(fixed number: UInt32) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  // MARK: Reading

  /// All steps, the first of which has this number.
  func steps(from first: Int) -> [RecordedStep] {
    var reader = Reader(bytes: bytes[...], rare: rare[...])
    var now = firstAt
    return (0..<count).map { offset in
      now += Milliseconds(reader.number())
      let event = reader.event()
      let effects = (0..<reader.number()).map { _ in reader.effect() }
      return RecordedStep(number: first + offset, at: now, event: event, effects: effects, digest: reader.fixed())
    }
  }

  /// Reads what was written above, and nothing else.
  private struct Reader {
    var bytes: ArraySlice<UInt8>
    var rare: ArraySlice<Room.Event>

    mutating func number() -> UInt64 {
      var (value, shift): (UInt64, UInt64) = (0, 0)
      while let byte = bytes.popFirst() {
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { break }
        shift += 7
      }
      return value
    }

    mutating func fixed() -> UInt32 {
      defer { bytes = bytes.dropFirst(4) }
      return bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func payload() -> [UInt8] {
      let count = Int(number())
      defer { bytes = bytes.dropFirst(count) }
      return Array(bytes.prefix(count))
    }

    mutating func event() -> Room.Event {
      switch bytes.popFirst().flatMap(Code.init) {
      case .rare: return rare.popFirst() ?? .tick
      case .leave: return .leave(number())
      case .lagging: return .lagging(number())
      case .caughtUp: return .caughtUp(number())
      case .rowsChanged: return .rowsChanged
      case .logGrew: return .logGrew(to: Int64(number()))
      case .appended:
        let index = Int(number())
        return .appended(through: index, sequence: Int64(number()))
      case .syncStep1: return .message(number(), .syncStep1(payload()))
      case .syncStep2: return .message(number(), .syncStep2(payload()))
      case .update: return .message(number(), .update(payload()))
      case .awareness: return .message(number(), .awareness(payload()))
      case .syncStatus: return .message(number(), .syncStatus(payload()))
      case .tick, nil: return .tick
      }
    }

    mutating func effect() -> RecordedEffect {
      let code = bytes.popFirst() ?? 0
      let (subject, count) = (number(), number())
      return RecordedEffect(
        kind: RecordedEffect.Kind(rawValue: code & 0x7F) ?? .unknown, isBroadcast: code & 0x80 != 0, subject: subject,
        bytes: Int(count), digest: fixed())
    }
  }
}
