/// Numbers the different tokens of a text: equal tokens get equal numbers, in the order of their first appearance.
struct SymbolTable {
  private let units: [UInt16]
  private var tokens: [Range<Int>] = []
  private var slots: [Int32]  // symbol + 1; 0 is free

  /// All tokens are ranges of `units`.
  init(units: [UInt16]) {
    self.units = units
    slots = Array(repeating: 0, count: 64)
  }

  var count: Int { tokens.count }

  mutating func symbol(of token: Range<Int>) -> Int32 {
    var slot = hash(token) & (slots.count - 1)
    while slots[slot] != 0 {
      let symbol = slots[slot] - 1
      if isEqual(tokens[Int(symbol)], token) { return symbol }
      slot = (slot + 1) & (slots.count - 1)
    }
    tokens.append(token)
    slots[slot] = Int32(tokens.count)
    if tokens.count * 2 > slots.count { grow() }
    return Int32(tokens.count - 1)
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 4)
    for (symbol, token) in tokens.enumerated() {
      var slot = hash(token) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(symbol + 1)
    }
  }

  /// Seeded per process, so that nobody can prepare texts that collide; the numbering does not depend on it.
  private func hash(_ token: Range<Int>) -> Int {
    var hasher = Hasher()
    units[token].withUnsafeBytes { hasher.combine(bytes: $0) }
    return hasher.finalize()
  }

  private func isEqual(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
    guard a.count == b.count else { return false }
    for offset in 0..<a.count where units[a.lowerBound + offset] != units[b.lowerBound + offset] { return false }
    return true
  }
}
