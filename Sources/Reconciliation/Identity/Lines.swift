/// How often a text has which line, without the space around them; and how similar that is to another text.
struct Lines {
  /// The similarity from which two bodies count as versions of one.
  static let sameBody = 0.8
  /// Shorter bodies, in UTF-16 units, tell nothing about whose they are.
  static let tellingLength = 32

  private var counts: [Substring: Int] = [:]
  private var length = 0

  init(_ text: String) {
    guard text.utf16.count >= Self.tellingLength else { return }
    for line in text.split(whereSeparator: \.isNewline) {
      let trimmed = line.drop(while: \.isWhitespace)
      guard !trimmed.isEmpty else { continue }
      counts[trimmed, default: 0] += 1
      length += trimmed.utf16.count
    }
  }

  var count: Int { counts.count }

  /// From 0 to 1: how much of both texts consists of lines that they have in common.
  func similarity(to other: Lines) -> Double {
    guard length > 0, other.length > 0 else { return 0 }
    var common = 0
    for (line, count) in counts {
      common += min(count, other.counts[line] ?? 0) * line.utf16.count
    }
    return Double(2 * common) / Double(length + other.length)
  }
}
