/// How a text is written as YAML, so that every reader of YAML 1.1 and 1.2 reads the same text again.
enum YAMLText {
  /// The ways to write a text that the writer uses.
  enum Style {
    case plain, singleQuoted, doubleQuoted
    /// Several lines as they are, below an indicator such as `|-`.
    case block
  }

  /// What some reader takes for a truth value, for null or for a number although it begins with a letter.
  private static let words: Set<String> = [
    "true", "false", "yes", "no", "on", "off", "y", "n", "t", "f", "null", "nil", "none", "nan", "inf", "infinity",
  ]

  static func style(of text: String) -> Style {
    let scalars = text.unicodeScalars
    if scalars.contains("\n") { return isBlock(text) ? .block : .doubleQuoted }
    guard scalars.allSatisfy({ isPlainlyShown($0) && $0 != "\t" }) else { return .doubleQuoted }
    return isPlain(text) ? .plain : .singleQuoted
  }

  /// Words, names and paths. Whatever could be taken for anything else is put in quotes.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first.properties.isAlphabetic, text.last != " " else { return false }
    let isWord = text.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        ? scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
          || " _-./@|+()>".unicodeScalars.contains(scalar)
        : scalar.properties.isAlphabetic
    }
    return isWord && !words.contains(text.lowercased())
  }

  /// Whether it can stand as it is, line for line. Breaks of lines that are none in every version of YAML cannot.
  private static func isBlock(_ text: String) -> Bool {
    guard text.unicodeScalars.allSatisfy(isShown), text.contains(where: { !$0.isWhitespace }) else { return false }
    // White space at the very end is read differently by different readers.
    let lastLine = text.unicodeScalars.reversed().drop { $0 == "\n" }
    return lastLine.first != " " && lastLine.first != "\t"
  }

  /// Whether a character stands for itself in a YAML file.
  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x20...0x7E: true
    case 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: false
    case 0xA0...0xFFFD: true
    case 0x10000...0x10FFFF: scalar.value & 0xFFFE != 0xFFFE
    default: false
    }
  }

  /// Whether it can also stand where nothing escapes it in one line of Yams' output.
  private static func isPlainlyShown(_ scalar: Unicode.Scalar) -> Bool {
    isShown(scalar) && scalar.value < 0x10000
  }

  /// The lines of a block, below a key that stands in `column` (from 0), and what stands behind the key.
  static func block(_ text: String, below column: Int) -> (indicator: String, lines: String) {
    var indicator = "|"
    // Without a number the first line would say how far the block is indented.
    if let first = text.unicodeScalars.first, first == " " || first == "\t" || first == "\n" { indicator += "2" }
    if !text.hasSuffix("\n") { indicator += "-" } else if text.hasSuffix("\n\n") { indicator += "+" }
    let indentation = String(repeating: " ", count: column + 2)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    return (indicator, lines.map { $0.isEmpty ? "\n" : "\(indentation)\($0)\n" }.joined())
  }
}
