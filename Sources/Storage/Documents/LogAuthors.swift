import Workflow

/// What one row of a document's log says of who wrote its updates: runs of updates, each with an author.
struct LogAuthors {
  private var runs: [(count: Int, author: String)] = []

  /// Notes who wrote the next update; `author` is the text of `LogAuthor.json`.
  mutating func append(_ author: String) {
    if runs.last?.author == author {
      runs[runs.count - 1].count += 1
    } else {
      runs.append((1, author))
    }
  }

  /// The text of the column.
  var text: String { "[" + runs.map { "[\($0.count),\($0.author)]" }.joined(separator: ",") + "]" }

  /// The column of a row with one update.
  static func one(_ author: LogAuthor) -> String {
    var authors = LogAuthors()
    authors.append(author.json.text)
    return authors.text
  }

  /// The authors of so many updates; nil for those of whom nothing is noted.
  static func decode(_ column: [UInt8]?, count: Int) throws -> [LogAuthor?] {
    guard let column else { return Array(repeating: nil, count: count) }
    var authors: [LogAuthor?] = []
    for run in try JSONValue(stored: column).array ?? [] {
      guard let parts = run.array, parts.count == 2, let length = parts[0].integer else { continue }
      let author = LogAuthor(json: parts[1])
      for _ in 0..<max(0, min(length, count - authors.count)) { authors.append(author) }
    }
    return authors + Array(repeating: nil, count: count - authors.count)
  }
}

/// The texts of the members that the writer met lately: most of what is written is by the same few.
struct MemberTexts {
  private static let maximumCount = 1024
  private var texts: [Actor: String] = [:]

  mutating func text(_ member: Actor) -> String {
    if let text = texts[member] { return text }
    if texts.count >= Self.maximumCount { texts.removeAll() }
    let text = LogAuthor(member: member).json.text
    texts[member] = text
    return text
  }
}
