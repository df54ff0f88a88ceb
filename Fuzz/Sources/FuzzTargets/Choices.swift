/// Decisions read from bytes, so that what changes the bytes changes the story a little.
struct Choices {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  var isEmpty: Bool { rest.isEmpty }

  /// A number below `bound`, which is at most 256; 0 at the end of the bytes.
  mutating func below(_ bound: Int) -> Int {
    guard bound > 1, let byte = rest.popFirst() else { return 0 }
    return Int(byte) % bound
  }

  mutating func pick<T>(_ choices: [T]) -> T {
    choices[below(choices.count)]
  }

  mutating func bool() -> Bool { below(2) == 1 }
}
