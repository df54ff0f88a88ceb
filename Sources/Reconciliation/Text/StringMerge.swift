import YCRDT

/// The merge of texts whose characters cannot be told by their ids: what it does to the live one.
struct StringMerge {
  /// Changes to the live text, ascending and apart.
  let edits: [TextChange]
  /// The stretch of the base that both sides changed.
  let overlap: Range<Int>?

  /// Without a base the lines that the two have in common stand for it: nothing is deleted, and what only the other text
  /// has comes in.
  init(base: String?, live: String, other: String, budget: inout DiffBudget) {
    guard let base else {
      edits = TextDiff.changes(from: live, to: other, finest: .line, budget: &budget).compactMap { change in
        change.replacement.isEmpty
          ? nil
          : TextChange(range: change.range.upperBound..<change.range.upperBound, replacement: change.replacement)
      }
      overlap = nil
      return
    }
    let changes = TextDiff.changes(from: base, to: live, budget: &budget)
    let merge = TextMerge(live: changes, database: TextDiff.changes(from: base, to: other, budget: &budget))
    edits = merge.liveEdits(live: changes)
    overlap = merge.overlap
  }
}
