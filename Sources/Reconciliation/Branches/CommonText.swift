import YCRDT

/// What a text and its version in a branch have both been made of, where all that is known is an older version.
///
/// What one history had saved or shared and the other took over is in both: seen from the older version both have written it, and
/// a merge would have it twice.
enum CommonText {
  /// Fewer UTF-16 units are in two writings by chance.
  private static let tellingLength = 4
  /// Longer writings are not searched, which could take as many steps as their lengths multiplied.
  private static let longestSearched = 1 << 14

  /// The older version, with what both wrote in the same place as far as it is the same.
  static func version(of old: String, live: String, branch: String, budget: inout DiffBudget) -> String {
    guard live != old, branch != old, live != branch else { return old }
    let ours = TextDiff.changes(from: old, to: live, budget: &budget)
    let theirs = Dictionary(
      TextDiff.changes(from: old, to: branch, budget: &budget).map { ($0.range, $0.replacement) }
    ) { first, _ in first }
    let common = ours.compactMap { change -> TextChange? in
      guard let other = theirs[change.range] else { return nil }
      return shared(change.replacement, other, &budget).map { TextChange(range: change.range, replacement: $0) }
    }
    return common.applied(to: old)
  }

  /// The lines that both have, or the one that the other holds within a line.
  private static func shared(_ one: String, _ other: String, _ budget: inout DiffBudget) -> String? {
    if one == other { return one }
    let differences = TextDiff.changes(from: one, to: other, finest: .line, budget: &budget)
    let lines = differences.map { TextChange(range: $0.range, replacement: "") }.applied(to: one)
    if lines.utf16.count >= tellingLength { return lines }
    let (shorter, longer) = one.utf16.count <= other.utf16.count ? (one, other) : (other, one)
    guard shorter.utf16.count >= tellingLength, longer.utf16.count <= longestSearched else { return nil }
    return longer.contains(shorter) ? shorter : nil
  }
}
