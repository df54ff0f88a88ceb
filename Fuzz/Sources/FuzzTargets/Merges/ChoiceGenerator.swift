/// Random numbers that bytes choose, so that what changes the bytes changes the story a little. Behind the end of the bytes
/// they are those of a fixed sequence.
struct ChoiceGenerator: RandomNumberGenerator {
  private var rest: ArraySlice<UInt8>
  private var state: UInt64 = 1

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    guard let byte = rest.popFirst() else { return state }
    // A number below a bound is chosen by the upper bits; by the lower ones none is ever refused.
    return UInt64(byte) << 56 | state >> 8 | 1
  }
}
