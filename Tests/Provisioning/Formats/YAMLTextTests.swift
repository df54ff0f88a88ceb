import TestSupport
import Testing
import Workflow

@testable import Provisioning

/// Texts that are easily mangled on their way through YAML.
@Suite struct YAMLTextTests {
  private typealias F = FormatFixture

  /// How each is written as the value of a key. Every choice is pinned: other tools and people read these files.
  static let pins: [(String, String)] = [
    ("plain", "plain"), ("two words", "two words"), ("@openfn/language-http@6.0.0", "'@openfn/language-http@6.0.0'"),
    ("a@b.example|dhis2", "a@b.example|dhis2"), ("Überweisung", "Überweisung"), ("日本語", "日本語"), ("a->b-2", "a->b-2"),
    ("", "''"),
    (" ", "' '"), (" a", "' a'"), ("a ", "'a '"),
    // What could be taken for something else.
    ("true", "'true'"), ("No", "'No'"), ("on", "'on'"), ("null", "'null'"), ("~", "'~'"), ("NaN", "'NaN'"),
    ("5", "'5'"),
    ("0o17", "'0o17'"), ("1_000", "'1_000'"), ("12:30:45", "'12:30:45'"), ("2026-01-02", "'2026-01-02'"),
    (".5", "'.5'"),
    ("-1", "'-1'"), ("+1", "'+1'"), ("=", "'='"), ("<<", "'<<'"), ("0 6 * * *", "'0 6 * * *'"), ("y", "'y'"),
    // Indicators.
    ("# no comment", "'# no comment'"), ("a # b", "'a # b'"), ("a: b", "'a: b'"), ("a:", "'a:'"), ("- a", "'- a'"),
    ("? a", "'? a'"), ("*a", "'*a'"), ("&a", "'&a'"), ("!a", "'!a'"), ("%a", "'%a'"), ("`a", "'`a'"), ("|", "'|'"),
    (">", "'>'"), ("[a]", "'[a]'"), ("{a}", "'{a}'"), ("a, b", "'a, b'"), ("---", "'---'"), ("...", "'...'"),
    ("it's", "'it''s'"), ("\"q\"", "'\"q\"'"), ("a *block-0", "'a *block-0'"), ("*block-0", "'*block-0'"),
    ("x: *block-0", "'x: *block-0'"),
    // Several lines.
    ("a\nb\n", "|\n  a\n  b\n"), ("a\nb", "|-\n  a\n  b\n"), ("a\n\n", "|+\n  a\n\n"), ("a\n", "|\n  a\n"),
    ("  a\nb\n", "|2\n    a\n  b\n"), ("\na\n", "|2\n\n  a\n"), ("\ta\n", "|2\n  \ta\n"),
    ("a  \n\tb\n", "|\n  a  \n  \tb\n"),
    ("a\n\n\nb\n", "|\n  a\n\n\n  b\n"), ("// 🚀\ngo()\n", "|\n  // 🚀\n  go()\n"), ("a\n \nb\n", "|\n  a\n   \n  b\n"),
    ("k: *block-0\n", "|\n  k: *block-0\n"), ("# a\n- b\n", "|\n  # a\n  - b\n"),
    // What no block and no plain text can hold.
    ("\n", "\"\\n\""), (" \n ", "\" \\n \""), ("a\n ", "\"a\\n \""), ("a\r\nb\r\n", "\"a\\r\\nb\\r\\n\""),
    ("a\rb", "\"a\\rb\""), ("a\tb", "\"a\\tb\""),
    ("a\u{85}b", "\"a\\Nb\""), ("a\u{2028}b\n", "\"a\\Lb\\n\""), ("a\u{2029}b", "\"a\\Pb\""),
    ("\u{FEFF}a\n", "\"\\uFEFFa\\n\""),
    ("\u{7F}\u{1B}", "\"\\x7F\\e\""), ("🚀", "\"\\U0001F680\""), ("a\u{FFFE}", "\"a\\uFFFE\""),
    // Invisible, and kept.
    ("a\u{200B}b", "'a\u{200B}b'"), ("\u{202E}x\n", "|\n  \u{202E}x\n"), ("a\u{AD}", "'a\u{AD}'"),
    ("a\u{A0}", "'a\u{A0}'"),
  ]

  @Test(arguments: pins) func everyTextIsWrittenInItsWay(text: String, written: String) throws {
    let yaml = try YAMLWriter.text(.map([("k", .text(text))]))
    #expect(yaml == "k: \(written)" + (written.hasSuffix("\n") ? "" : "\n"))
    #expect(try Self.read(yaml) == .object(["k": .string(text)]))
  }

  private static func read(_ yaml: String) throws -> JSONValue {
    let (root, problems) = YAMLComposer.compose(Array(yaml.utf8), limits: FormatLimits())
    if let problem = problems.first { throw problem }
    return JSONValue(try #require(root))
  }

  /// Texts of pieces that are hard on YAML.
  private static func oddText(_ random: inout WorkflowGenerator) -> String {
    let pieces = [
      "a", "b c", " ", "  ", "\n", "\n\n", "\t", "\r", ":", ": ", " #", "#", "-", "- ", "?", "*", "&", "!", "|", ">",
      "'", "\"",
      "\\", "%", "@", "`", "{", "}", "[", "]", ",", "~", "true", "no", "0", "1e3", "é", "e\u{301}", "日", "😀",
      "\u{200B}", "\u{202E}",
      "\u{FEFF}", "\u{85}", "\u{2028}", "\u{A0}", "\u{7F}", "\u{1}", "---", "...", "*block-0",
      String(repeating: "long ", count: 60),
    ]
    return (0..<Int.random(in: 0...6, using: &random.random)).map { _ in random.pick(pieces) }.joined()
  }

  private static func oddValue(_ random: inout WorkflowGenerator, _ depth: Int) -> (YAMLValue, JSONValue) {
    switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &random.random) {
    case 0, 1, 2:
      let text = oddText(&random)
      return (.text(text), .string(text))
    case 3:
      let value = random.json(0)
      return (YAMLValue(value), value)
    case 4:
      let elements = (0..<Int.random(in: 0...3, using: &random.random)).map { _ in oddValue(&random, depth - 1) }
      return (.list(elements.map(\.0)), .array(elements.map(\.1)))
    default:
      var members: [(String, YAMLValue)] = []
      var json: [String: JSONValue] = [:]
      for _ in 0..<Int.random(in: 0...3, using: &random.random) {
        let (key, value) = (oddText(&random), oddValue(&random, depth - 1))
        guard json[key] == nil else { continue }
        members.append((key, value.0))
        json[key] = value.1
      }
      return (.map(members), .object(json))
    }
  }

  @Test func everythingThatIsWrittenIsReadAgain() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = WorkflowGenerator(seed: seed, isOdd: true)
    for _ in 0..<8000 {
      let (value, json) = Self.oddValue(&random, 4)
      let yaml = try YAMLWriter.text(.map([("top", value)]))
      let read: JSONValue
      do {
        read = try Self.read(yaml)
      } catch {
        Issue.record("seed \(seed): \(error)\n\(yaml)")
        continue
      }
      // Bytes are compared, because texts that differ in nothing but how their characters are composed count as equal.
      #expect(read.serialized() == JSONValue.object(["top": json]).serialized(), "seed \(seed)\n\(yaml)")
    }
  }

  /// What another parser of YAML makes of the files, which resolves everything by the rules of YAML 1.1.
  @Test func pyYAMLReadsTheSame() async throws {
    let python = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined() + "/.venv/bin/python"
    let seed = UInt64.random(in: 0 ... .max)
    var random = WorkflowGenerator(seed: seed, isOdd: true)
    var expected: [JSONValue] = []
    var files: [JSONValue] = []
    for number in 0..<400 {
      let (value, json) =
        number < Self.pins.count
        ? (YAMLValue.text(Self.pins[number].0), JSONValue.string(Self.pins[number].0)) : Self.oddValue(&random, 3)
      files.append(.string(try YAMLWriter.text(.map([("top", value)]))))
      expected.append(.object(["top": json]))
    }
    let program = """
      import json, sys, yaml
      for line in sys.stdin:
          print(json.dumps([yaml.safe_load(text) for text in json.loads(line)]), flush=True)
      """
    let process = try LineProcess(python, ["-c", program])
    try process.write(line: JSONValue.array(files).text)
    let line = try await process.progress.wait(for: "what PyYAML reads", limit: .seconds(60)) { progress in
      progress.lines.first ?? progress.exit.map { "PyYAML ended with \($0)" }
    }
    process.closeInput()
    let read = try JSONValue(parsing: line).array ?? []
    #expect(read.count == files.count)
    for (index, value) in read.enumerated() {
      #expect(value.serialized() == expected[index].serialized(), "seed \(seed)\n\(files[index].string ?? "")")
    }
  }
}
