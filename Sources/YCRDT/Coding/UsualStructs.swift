/// Passing over structs of which nothing is kept.
extension ByteReader {
  /// At least as many bytes as the head of a usual struct has, with those that are read along: an info byte, five numbers
  /// of up to eight bytes, and a word.
  private static let roomForHead = 64

  /// Moves behind structs of the kind that most are: text or deletions with an origin, sound, all numbers spelled as short
  /// as can be, and not at the end of the bytes. They stand as ``WireStruct/write(from:offset:into:)`` would write them.
  /// Returns how many they are, `most` at most; none of them goes beyond the clock `end`.
  ///
  /// It stops before any other, of which ``WireStruct/decode(_:_:depth:)`` says what it is or what is wrong with it.
  mutating func skipUsualStructs(
    _ own: SpelledNumber, _ clock: inout UInt64, to end: UInt64, atMost most: Int
  ) -> Int {
    guard own.isShortest, remaining >= Self.roomForHead else { return 0 }
    let first = pointer(position)
    // Sound: from here on there is room for a head.
    let last = pointer(count &- Self.roomForHead)
    let limit = pointer(count)
    var (start, now) = (first, clock)
    var skipped = 0
    while skipped < most, start <= last {
      var next = start
      let length = next.skipUsualStruct(own, now, limit)
      guard length > 0, now &+ length <= end else { break }
      start = next
      now &+= length
      skipped &+= 1
    }
    position &+= start - first
    clock = now
    return skipped
  }
}

extension UnsafePointer<UInt8> {
  @inline(__always) private var word: UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(self).loadUnaligned(as: UInt64.self))
  }

  /// Moves behind a usual struct, and returns its length; of any other 0.
  @inline(__always)
  fileprivate mutating func skipUsualStruct(_ own: SpelledNumber, _ clock: UInt64, _ limit: Self) -> UInt64 {
    let info = pointee
    let kind = info & 0x1F
    guard info & 0xC0 != 0, info & 0x20 == 0 else { return 0 }
    guard kind == ContentKind.string.rawValue || kind == ContentKind.deleted.rawValue else { return 0 }
    self += 1
    if info & 0x80 != 0, !skipEarlierID(own, clock) { return 0 }
    if info & 0x40 != 0, !skipEarlierID(own, clock) { return 0 }
    guard let length = takeShortNumber(), length > 0 else { return 0 }
    guard kind == ContentKind.string.rawValue else { return length }
    guard length <= UInt64(limit - self) else { return 0 }
    let text = self
    self += Int(length)
    if text.isShortASCII(Int(length)) { return length }
    return UTF8Shape(scanning: text, Int(length)).map { UInt64($0.utf16Count) } ?? 0
  }

  /// Moves behind an id, if it is none of the client's own from `clock` on.
  @inline(__always) private mutating func skipEarlierID(_ own: SpelledNumber, _ clock: UInt64) -> Bool {
    let isOwn = word & own.mask == own.spelling
    if isOwn {
      self += own.length
    } else {
      guard let client = takeShortNumber(), client != own.value else { return false }
    }
    guard let number = takeShortNumber() else { return false }
    return !isOwn || number < clock
  }

  /// Moves behind a number of up to seven bytes. Nil if it has more, or more than it needs.
  @inline(__always) private mutating func takeShortNumber() -> UInt64? {
    let word = word
    // The usual lengths are mostly predicted.
    if word & 0x80 == 0 {
      self += 1
      return word & 0x7F
    }
    if word & 0x80_8000 == 0x8000 {
      self += 3
      return word & 0x7F_0000 != 0 ? word & 0x7F | (word & 0x7F00) &>> 1 | (word & 0x7F_0000) &>> 2 : nil
    }
    if word & 0x8000 == 0 {
      self += 2
      return word & 0x7F00 != 0 ? word & 0x7F | (word & 0x7F00) &>> 1 : nil
    }
    return takeLongerNumber(word)
  }

  @inline(__always) private mutating func takeLongerNumber(_ word: UInt64) -> UInt64? {
    let bits = UInt64(truncatingIfNeeded: (~word & 0x8080_8080_8080_8080).trailingZeroBitCount) &+ 1
    guard bits < 64, (word &>> (bits &- 8)) & 0x7F != 0 else { return nil }
    self += Int(truncatingIfNeeded: bits &>> 3)
    return ByteReader.compact(word, bits: bits)
  }

  /// Whether a text is ASCII and has 32 bytes at most, found without a branch for its length. It is not empty, and a word
  /// can be read from its start on.
  @inline(__always) private func isShortASCII(_ count: Int) -> Bool {
    guard count <= 32 else { return false }
    let first = word &<< UInt64(truncatingIfNeeded: 64 &- min(count, 8) &* 8)
    // All ones if there are more than eight bytes. Words from the end on, which may overlap, make up the rest.
    let isLonger = UInt64(bitPattern: Int64(8 &- count) &>> 63)
    let rest = (self + max(count &- 8, 0)).word | (self + max(count &- 16, 0)).word | (self + max(count &- 24, 0)).word
    return (first | (rest & isLonger)) & 0x8080_8080_8080_8080 == 0
  }
}
