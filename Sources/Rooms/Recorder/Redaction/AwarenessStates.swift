/// The states in an awareness update, to write it anew with others.
struct AwarenessStates {
  private var entries: [(client: UInt64, clock: UInt64, state: String)] = []

  /// Nil for what is no awareness update.
  init?(_ update: [UInt8]) {
    var input = update[...]
    guard let count = input.popNumber(), count <= UInt64(input.count) else { return nil }
    for _ in 0..<count {
      guard let client = input.popNumber(), let clock = input.popNumber(), let length = input.popNumber(),
        length <= UInt64(input.count)
      else { return nil }
      entries.append((client, clock, String(decoding: input.prefix(Int(length)), as: UTF8.self)))
      input = input.dropFirst(Int(length))
    }
  }

  func mapped(_ change: (String) -> String) -> [UInt8] {
    var output: [UInt8] = []
    output.append(number: UInt64(entries.count))
    for (client, clock, state) in entries {
      let state = change(state)
      output.append(number: client)
      output.append(number: clock)
      output.append(number: UInt64(state.utf8.count))
      output.append(contentsOf: state.utf8)
    }
    return output
  }
}
