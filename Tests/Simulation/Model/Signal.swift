import Rooms
import Workflow
import YProtocol

/// Whatever travels between the parts of the model: a room, a member, the store.
enum Signal: Hashable {
  // To a room.
  case join(MemberID)
  case leave(MemberID)
  case message(MemberID, Message)
  case save(RequestID)
  case rowsChanged
  case logGrew(Int64)
  case tick
  // From a room.
  case effect(Room.Effect)
  // To the store, besides effects: somebody writes to the rows.
  case writeRows(Int)
  /// A commit that is made in two transactions.
  case half(ServerCommit, Half)
  // From the store, to a room.
  case loaded(StoredDocument)
  case rowsRead(WorkflowRows)
  case logRead(LogTail)
  case appended(index: Int, sequence: Int64)
  case committed(CommitResult)
  case stale
  case storeFailed
  /// The rows are not what they were.
  case rowsWritten
  /// The log is longer than it was.
  case logWritten
  // To a member.
  case connected
  case edit(Int)
  case received(Message)
  // From a member.
  case sent(Message)
  /// It was told that its edits are safe up to its clock.
  case acknowledged(MemberID, clock: UInt64)
  /// Something that must not happen, in words.
  case violation(String)

  enum Half { case first, second }
}

/// Small numbers for values: equal values have the same number, others another one.
struct Numbering<Value: Hashable> {
  private var numbers: [Value: Int] = [:]
  private(set) var values: [Value] = []

  /// The number of a value, and whether the value is new.
  mutating func number(of value: Value) -> (number: Int, isNew: Bool) {
    if let known = numbers[value] { return (known, false) }
    numbers[value] = values.count
    values.append(value)
    return (values.count - 1, true)
  }
}

/// One part of the model. What it does depends on its state and the signal alone, so each step is worked out once,
/// however many interleavings come to it; states are told apart by their keys, by full equality.
final class Machine<State, Key: Hashable> {
  struct Step {
    /// The number of the state behind it.
    let state: Int
    /// The numbers of the signals it sends.
    let signals: [Int]
  }

  private struct StepKey: Hashable {
    let state: Int
    let signal: Int
  }

  private var keys = Numbering<Key>()
  private var steps: [StepKey: Step] = [:]
  private(set) var states: [State] = []
  private let key: (State) -> Key
  private let run: (inout State, Signal) -> [Signal]

  /// `run` must leave copies of the state that it is given as they are.
  init(key: @escaping (State) -> Key, run: @escaping (inout State, Signal) -> [Signal]) {
    self.key = key
    self.run = run
  }

  var stepCount: Int { steps.count }

  func number(of state: State) -> Int {
    let (number, isNew) = keys.number(of: key(state))
    if isNew { states.append(state) }
    return number
  }

  func step(_ state: Int, _ signal: Int, _ signals: inout Numbering<Signal>) -> Step {
    let stepKey = StepKey(state: state, signal: signal)
    if let known = steps[stepKey] { return known }
    var next = states[state]
    let sent = run(&next, signals.values[signal])
    let step = Step(state: number(of: next), signals: sent.map { signals.number(of: $0).number })
    steps[stepKey] = step
    return step
  }
}
