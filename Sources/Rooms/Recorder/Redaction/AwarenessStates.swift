/// The states in an awareness update, to write it anew with others.
struct AwarenessStates {
  private var entries: [(client: UInt64, clock: UInt64, state: String)] = []

  /// Nil for what is no awareness update.
  init?(_ update: [UInt8]) {
    var input = update[...]
    func number(_ input: inout ArraySlice<UInt8>) -> UInt64? {
      var (value, shift): (UInt64, UInt64) = (0, 0)
      while let byte = input.popFirst() {
        // However many zeros stand in front of a number, it is taken from members.
        guard shift < 63 || byte & 0x7F == 0 else { return nil }
        if shift < 63 { value |= UInt64(byte & 0x7F) << shift }
        if byte < 0x80 { return value }
        shift += 7
      }
      return nil
    }
    guard let count = number(&input), count <= UInt64(input.count) else { return nil }
    for _ in 0..<count {
      guard let client = number(&input), let clock = number(&input), let length = number(&input),
        length <= UInt64(input.count)
      else { return nil }
      entries.append((client, clock, String(decoding: input.prefix(Int(length)), as: UTF8.self)))
      input = input.dropFirst(Int(length))
    }
  }

  func mapped(_ change: (String) -> String) -> [UInt8] {
    var output: [UInt8] = []
    func write(_ number: UInt64) {
      var rest = number
      while rest >= 0x80 {
        output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      output.append(UInt8(truncatingIfNeeded: rest))
    }
    write(UInt64(entries.count))
    for (client, clock, state) in entries {
      let state = change(state)
      write(client)
      write(clock)
      write(UInt64(state.utf8.count))
      output.append(contentsOf: state.utf8)
    }
    return output
  }
}
