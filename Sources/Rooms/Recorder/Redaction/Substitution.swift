/// Replaces letters by letters and digits by digits, each by the same one wherever it comes: equal texts stay equal, parts of
/// texts stay parts, lengths stay in every encoding, and what was upper case, a digit or a space still is.
///
/// It hides what a text says from who looks at it. It is a simple substitution, and does not withstand somebody who sets out to
/// solve it: who gives a record away should know that.
struct Substitution {
  private let key: UInt64
  private var blocks: [UInt32: [UInt32]] = [:]
  private static let blockSize: UInt32 = 128

  /// The same key gives the same substitution.
  init(key: UInt64) {
    self.key = key
  }

  mutating func callAsFunction(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(self[scalar]) }
    return String(result)
  }

  private subscript(scalar: Unicode.Scalar) -> Unicode.Scalar {
    mutating get {
      let (number, offset) = scalar.value.quotientAndRemainder(dividingBy: Self.blockSize)
      if blocks[number] == nil { blocks[number] = block(number) }
      return blocks[number].flatMap { Unicode.Scalar($0[Int(offset)]) } ?? scalar
    }
  }

  /// What each scalar of a block becomes: another one of its kind in the same block.
  private func block(_ number: UInt32) -> [UInt32] {
    let start = number * Self.blockSize
    var block = Array(start..<start + Self.blockSize)
    var random = Sequence(state: key ^ UInt64(number) &* 0xD134_2543_DE82_EF95)
    if number == 0 {
      // Both cases alike, so that who ignores the case still finds what is the same.
      let letters = random.shuffled(Array(0..<26))
      for (letter, other) in letters.enumerated() {
        block[Int(UInt8(ascii: "a")) + letter] = UInt32(UInt8(ascii: "a")) + other
        block[Int(UInt8(ascii: "A")) + letter] = UInt32(UInt8(ascii: "A")) + other
      }
      let zero = UInt32(UInt8(ascii: "0"))
      for (digit, other) in random.shuffled(Array(zero..<zero + 10)).enumerated() { block[Int(zero) + digit] = other }
      return block
    }
    for category in [Unicode.GeneralCategory.uppercaseLetter, .lowercaseLetter, .otherLetter, .decimalNumber] {
      let members = block.indices.filter {
        Unicode.Scalar(start + UInt32($0))?.properties.generalCategory == category
      }
      for (place, other) in zip(members, random.shuffled(members.map { start + UInt32($0) })) { block[place] = other }
    }
    return block
  }

  /// Numbers that look random and are the same for the same beginning.
  private struct Sequence {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }

    mutating func shuffled(_ list: [UInt32]) -> [UInt32] {
      var list = list
      for index in list.indices.reversed().dropLast() { list.swapAt(index, Int(next() % UInt64(index + 1))) }
      return list
    }
  }
}
