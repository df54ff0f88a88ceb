/// Finds what somebody who made a typing mistake may have meant.
enum Spelling {
  /// Longer words are not compared.
  private static let maximumLength = 40
  private static let maximumWords = 200

  /// The word that is fewest typing mistakes away, if these are few; the first one of several.
  static func nearest(to word: String, among words: [String]) -> String? {
    guard word.utf8.count <= maximumLength else { return nil }
    let typed = Array(plain(word))
    let limit = max(1, typed.count / 3)
    let distances = words.map { ($0, distance(typed, Array(plain($0)))) }
    guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 <= limit else { return nil }
    return best.0
  }

  /// Asks whether a word was meant, if there are few enough to look at all of them.
  static func question(_ word: String, among words: Set<String>) -> String {
    guard words.count <= maximumWords, let word = nearest(to: word, among: words.sorted()) else { return "" }
    return "; did you mean \(word)?"
  }

  private static func plain(_ word: String) -> String {
    word.lowercased().filter { $0 != "-" && $0 != "_" }
  }

  /// How many letters have to be inserted, deleted or replaced to make one of the other.
  private static func distance(_ one: [Character], _ other: [Character]) -> Int {
    var row = Array(0...other.count)
    for (line, letter) in one.enumerated() {
      var corner = row[0]
      row[0] = line + 1
      for (column, match) in other.enumerated() {
        let replaced = corner + (letter == match ? 0 : 1)
        corner = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, corner + 1)
      }
    }
    return row[other.count]
  }
}
