/// Merging edits that were made against an earlier content, the base, whose characters are known by their ids.
extension YText {
  /// The ids of the characters the text shows now.
  public func liveIDs() -> IdSet {
    doc.store.liveIDs(type)
  }

  /// The ids of the characters that the text shows in a range of `string`. O(items of the text).
  public func liveIDs(in range: Range<Int>) -> IdSet {
    doc.store.liveIDs(type, in: [range])
  }

  /// The ids of the characters that the text shows in ranges of `string`, which ascend and do not overlap. O(items of the
  /// text).
  public func liveIDs(in ranges: [Range<Int>]) -> IdSet {
    doc.store.liveIDs(type, in: ranges)
  }

  /// Those of the base's characters that this text holds, deleted ones included. O(items of the text).
  public func ids(of base: IdSet) -> IdSet {
    doc.store.ids(type, of: base)
  }

  /// How many of the base's characters this text holds, deleted ones included. O(items of the text).
  public func count(of base: IdSet) -> Int {
    doc.store.count(type, of: base)
  }

  /// The exact difference from the base to now, in UTF-16 offsets of the base, ascending and apart.
  public func changes(since base: IdSet) -> [TextChange] {
    doc.store.changes(type, since: base)
  }

  /// Applies changes that were made to the base: deletes those of its characters that are still there, and inserts
  /// behind the left character of the base, deleted or not, where a replica that knew only the base would have put it.
  /// Nothing else is deleted.
  ///
  /// `changes` are ascending and do not overlap. `known` is what the document held when it showed the base: by it is told
  /// which characters were deleted before that; without it, by the clocks of the base's characters, which can be wrong about
  /// the last ones of a client. Returns the ids of all characters of the base that the changes delete, whether these were
  /// still there or not.
  @discardableResult
  public func apply(
    _ changes: [TextChange], toBase base: IdSet, known: StateVector? = nil
  ) throws(YError) -> IdSet {
    let author = try doc.author(writing: type)
    let spans = doc.store.baseSpans(type, base)
    let count = spans.last.map { $0.offset + $0.count } ?? 0
    var end = 0
    for change in changes {
      guard change.range.lowerBound >= end, change.range.upperBound <= count else {
        throw .baseMismatch(offset: change.range.upperBound, count: count)
      }
      end = change.range.upperBound
    }
    try doc.reserve(changes.reduce(0) { $0 + $1.replacement.utf8.count })
    var deleted = IdSet()
    var last = spans.count
    // From the end to the start, so that several insertions at one offset keep their order.
    for change in changes.reversed() {
      if !change.replacement.isEmpty {
        doc.store.insertText(author, change.replacement, in: type, at: change.range.lowerBound, spans, base, known)
      }
      while last > 0, spans[last - 1].offset >= change.range.upperBound { last -= 1 }
      for span in spans[..<last].reversed() {
        guard span.offset + span.count > change.range.lowerBound else { break }
        let common = change.range.clamped(to: span.offset..<(span.offset + span.count))
        guard !common.isEmpty else { continue }
        let start = span.clock + UInt64(common.lowerBound - span.offset)
        let clocks = start..<(start + UInt64(common.count))
        doc.store.deleteRange(span.client, clocks.lowerBound, clocks.upperBound)
        deleted.insert(doc.store.clients.records[span.client].id, clocks)
      }
    }
    return deleted
  }
}
