import Workflow
import Yams

/// A value that is to be written as YAML.
indirect enum YAMLValue {
  case text(String)
  case bool(Bool)
  case number(Double)
  case null
  case list([YAMLValue])
  /// In the order in which it is written.
  case map([(String, YAMLValue)])

  /// The text, or null.
  init(_ text: String?) { self = text.map { .text($0) } ?? .null }

  init(_ json: JSONValue) {
    self =
      switch json {
      case .null: .null
      case .bool(let value): .bool(value)
      case .number(let value): .number(value)
      case .string(let text): .text(text)
      case .array(let elements): .list(elements.map { YAMLValue($0) })
      case .object(let members): .map(members.sorted { $0.key < $1.key }.map { ($0.key, YAMLValue($0.value)) })
      }
  }
}

/// Writes YAML: block style throughout, no line is folded, and the style of every text is fixed.
///
/// Yams writes all but the texts of several lines: it would put those into one quoted line as soon as they have a tab, a
/// space at the end of a line or an emoji. It is given an alias in their place, which is then replaced by the lines.
struct YAMLWriter {
  private var blocks: [String] = []
  // Given, so that Yams does not look at every text to find out what it could be taken for.
  private let textTag = Tag(.str)
  private let listTag = Tag(.seq)
  private let mapTag = Tag(.map)

  /// The value as a file.
  static func text(_ value: YAMLValue) throws(YAMLWriterError) -> String {
    var writer = YAMLWriter()
    let node = writer.node(value)
    do {
      let text = try Yams.serialize(node: node, indent: 2, width: -1, allowUnicode: true)
      return writer.withBlocks(text)
    } catch {
      throw YAMLWriterError(reason: "\(error)")
    }
  }

  // MARK: Nodes

  private mutating func node(_ value: YAMLValue) -> Node {
    switch value {
    case .text(let text): return node(text)
    case .bool(let value): return scalar(value ? "true" : "false")
    case .number(let value): return scalar(Self.text(of: value))
    case .null: return scalar("null")
    case .list(let elements):
      return .sequence(Node.Sequence(elements.map { node($0) }, listTag, elements.isEmpty ? .flow : .block))
    case .map(let members):
      let pairs = members.map { (key($0.0), node($0.1)) }
      return .mapping(Node.Mapping(pairs, mapTag, pairs.isEmpty ? .flow : .block))
    }
  }

  private mutating func node(_ text: String) -> Node {
    switch YAMLText.style(of: text) {
    case .plain: return scalar(text)
    case .singleQuoted: return scalar(text, .singleQuoted)
    case .doubleQuoted: return scalar(text, .doubleQuoted)
    case .block:
      blocks.append(text)
      return .alias(Node.Alias(Anchor(rawValue: "\(Self.mark)\(blocks.count - 1)")))
    }
  }

  /// A key is never a block.
  private func key(_ text: String) -> Node {
    switch YAMLText.style(of: text) {
    case .plain: scalar(text)
    case .singleQuoted: scalar(text, .singleQuoted)
    case .doubleQuoted, .block: scalar(text, .doubleQuoted)
    }
  }

  private func scalar(_ text: String, _ style: Node.Scalar.Style = .plain) -> Node {
    .scalar(Node.Scalar(text, textTag, style))
  }

  /// YAML 1.1 wants a point in a number with an exponent.
  private static func text(of number: Double) -> String {
    let text = JSONValue.number(number).text
    guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
    return "\(text[..<exponent]).0\(text[exponent...])"
  }

  // MARK: Blocks

  private static let mark = "block-"

  /// Puts the blocks where their aliases stand. Nothing else ends like an alias, because all texts that have a colon are
  /// in quotes.
  private func withBlocks(_ text: String) -> String {
    guard !blocks.isEmpty else { return text }
    var result = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      let parts = line.split(separator: "*", omittingEmptySubsequences: false)
      guard let last = parts.last, last.hasPrefix(Self.mark), let number = Int(last.dropFirst(Self.mark.count)),
        line.hasSuffix(" *\(last)")
      else {
        result += "\(line)\n"
        continue
      }
      let (indicator, lines) = YAMLText.block(blocks[number], below: Self.column(of: line))
      result += "\(line.dropLast(last.count + 1))\(indicator)\n\(lines)"
    }
    return result
  }

  /// Where the key of a line begins, behind what opens lists and the values of long keys, or where the last of these stands
  /// if there is no key.
  private static func column(of line: Substring) -> Int {
    var column = 0
    var rest = line
    while true {
      if ["- ", ": ", "? "].contains(where: rest.hasPrefix) {
        (column, rest) = (column + 2, rest.dropFirst(2))
      } else if rest.first == " " {
        (column, rest) = (column + 1, rest.dropFirst())
      } else {
        return rest.first == "*" ? column - 2 : column
      }
    }
  }
}

/// Why something cannot be written as YAML.
struct YAMLWriterError: Error {
  var reason: String
}
