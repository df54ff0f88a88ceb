/// Where the elements of one long run start, in steps: so that a run that is taken apart from its end is not read from its
/// start each time.
///
/// The bytes of a run stay where they are until the arena is compacted, and what is divided keeps its beginning.
struct ElementOffsets {
  static let step = 64

  /// Where the run's bytes start in the arena.
  private(set) var content = UInt32.none
  /// The byte offsets of elements 0, `step`, 2 · `step` and so on, as far as they were asked for.
  private var offsets: [UInt32] = [0]

  /// The offset of the element, with `skip` for what moves a reader of the run's bytes behind one element.
  mutating func offset(
    of element: Int, in reader: ByteReader, content: UInt32, _ skip: (inout ByteReader) -> Void
  ) -> UInt32 {
    var reader = reader
    // What is near the start of another run is no reason to forget this one.
    if content != self.content, element >= Self.step {
      self.content = content
      offsets = [0]
    }
    guard content == self.content else {
      for _ in 0..<element { skip(&reader) }
      return UInt32(reader.position)
    }
    var known = min(element / Self.step, offsets.count - 1)
    reader.position = Int(offsets[known])
    while known < element / Self.step {
      for _ in 0..<Self.step { skip(&reader) }
      offsets.append(UInt32(reader.position))
      known += 1
    }
    for _ in 0..<element % Self.step { skip(&reader) }
    return UInt32(reader.position)
  }

  /// What was known does not hold any more.
  mutating func forget() { self = ElementOffsets() }
}
