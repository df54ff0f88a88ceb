import Rooms
import YCRDT
import YProtocol

/// A client of y-websocket 4, which takes an edit for stored once it got it back. It gets its edits back when they are committed,
/// in order with the answers to its own questions.
struct Echoes {
  private enum Waiting {
    case edit([UInt8])
    case question([UInt8])

    var bytes: Int {
      switch self {
      case .edit(let bytes), .question(let bytes): bytes.count + Self.overhead
      }
    }

    /// What it takes beside its bytes, about.
    private static let overhead = 64
  }

  private let maximumBytes: Int
  private var waiting: [Waiting] = []
  private var waitingBytes = 0
  /// How many were let go of: the number of the first that waits.
  private var first: UInt64 = 0
  /// What the room had when it asked for edits.
  private var known = StateVector()

  init(maximumBytes: Int) {
    self.maximumBytes = maximumBytes
  }

  var isTooMuch: Bool { waitingBytes > maximumBytes }
  var reason: String { "more than \(maximumBytes) bytes wait for the database" }

  // MARK: From the client

  /// What the room is told: each edit with a question whose answer means that it is stored.
  mutating func received(_ message: Message, mayEdit: Bool) -> [Message] {
    switch message {
    case .syncStatus(let payload):
      return [mayEdit ? keep(.question(payload)) : .syncStatus([Self.asIs] + payload)]
    // What a reader writes is nowhere.
    case .update(let update) where mayEdit: return [message, keep(.edit(update))]
    case .syncStep2(let update) where mayEdit && update != Self.nothing:
      let news = (try? Update.difference(update, since: known)) ?? update
      return [.syncStep2(news), keep(.edit(update))]
    default: return [message]
    }
  }

  private mutating func keep(_ one: Waiting) -> Message {
    waiting.append(one)
    waitingBytes += one.bytes
    let number = first + UInt64(waiting.count)
    return .syncStatus([Self.numbered] + withUnsafeBytes(of: number.littleEndian, Array.init))
  }

  private static let asIs: UInt8 = 0
  private static let numbered: UInt8 = 1
  /// An update with neither structs nor deletions.
  private static let nothing: [UInt8] = [0, 0]

  // MARK: To the client

  /// What the client is told.
  mutating func sent(_ message: Message) -> [Message] {
    switch message {
    case .syncStatus(let payload) where payload.first == Self.numbered: return stored(payload)
    case .syncStatus(let payload): return [.syncStatus(Array(payload.dropFirst()))]
    case .syncStep1(let stateVector):
      // All that it has: what was stored and not told before its last connection broke is nowhere else. Only what the room asked
      // for goes there.
      known = (try? StateVector(decoding: stateVector)) ?? StateVector()
      return [.syncStep1(StateVector().encoded())]
    default: return [message]
    }
  }

  /// One answer stands for those before it, which a slow client did not get.
  private mutating func stored(_ payload: [UInt8]) -> [Message] {
    let number = payload.dropFirst().reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard number > first else { return [] }
    let answered = waiting.prefix(Int(number - first))
    waiting.removeFirst(answered.count)
    first += UInt64(answered.count)
    for one in answered { waitingBytes -= one.bytes }
    return answered.map { one in
      switch one {
      case .edit(let update): .update(update)
      case .question(let payload): .syncStatus(payload)
      }
    }
  }
}
