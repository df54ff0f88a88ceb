import TestSupport
import Testing
import Workflow
import YCRDT

@Suite struct JSONTests {
  @Test func anyValueReadsBackAsItWasWritten() throws {
    for seed in 0..<200 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed, isOdd: true)
      let value = make.json(5)
      let bytes = value.serialized()
      #expect(try (JSONValue(parsing: bytes) == value) as Bool, "seed \(seed)")
      #expect(try (JSONValue(parsing: bytes).serialized() == bytes) as Bool, "seed \(seed)")
    }
  }

  @Test(arguments: [
    ("5", 5), ("5.0", 5), ("-0", 0), ("1e3", 1000), ("0.1", 0.1), ("-1.5E+2", -150),
    ("9007199254740993", 9.007199254740992e15),
    ("123456789012345678901234567890", 1.2345678901234568e29),
  ])
  func numbersOfEveryForm(text: String, value: Double) throws {
    #expect(try JSONValue(parsing: text) == .number(value))
  }

  @Test func wholeNumbersHaveNoFraction() {
    #expect(
      JSONValue.array([5, .number(5.5), .number(1e15), .number(1e21), .number(.nan)]).text
        == "[5,5.5,1000000000000000,1e+21,null]")
  }

  @Test func keysAreInOrder() {
    #expect((["b": 1, "a": ["z": nil, "é": true]] as JSONValue).text == #"{"a":{"z":null,"é":true},"b":1}"#)
  }

  @Test func escapes() throws {
    #expect(try JSONValue(parsing: #""\u0041\n\t\/\\\"\ud83d\ude00\u00e9""#) == "A\n\t/\\\"😀é")
    #expect(JSONValue.string("\u{1}\"\\\n").text == #""\u0001\"\\\n""#)
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\" 1}", "{a:1}", "01", "1.", ".5", "+1", "1e", "nul", "\"\\x\"", "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800\\u0041\"", "\"a", "\"\u{1}\"", "1 2", "1e400", "[1", "\"\\u12\"", "-", "tru", "{\"a\":}", "'a'",
    "\u{FEFF}1",
  ])
  func whatIsNoJSONIsRefused(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test func anErrorSaysWhere() {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "{\n  \"a\": 1,\n  \"b\" 2\n}") }
    #expect(error?.line == 3)
    #expect(error?.column == 7)
    #expect(error?.description == "':' is expected behind a key at line 3, column 7")
  }

  @Test func nestingHasALimit() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    _ = try JSONValue(parsing: nested(JSONValue.maximumDepth))
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(JSONValue.maximumDepth + 1)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "{\"a\":[", count: 100_000)) }
  }

  /// Broken and random bytes: an error or a value, never a trap.
  @Test func noBytesTrap() {
    var random = SeededGenerator(seed: 7)
    let valid = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",null,true,{"ü":"😀"}]}"#.utf8)
    for _ in 0..<1000 {
      var bytes = valid
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = .random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        default: bytes.insert(.random(in: 0...255, using: &random), at: index)
        }
      }
      _ = try? JSONValue(parsing: bytes)
    }
  }

  @Test func documentsKnowIntegersAndFractionsAlike() {
    #expect(JSONValue(YValue.float(5)) == JSONValue(YValue.int(5)))
    #expect(JSONValue.number(5).yValue == .int(5))
    #expect(JSONValue.number(5.5).yValue == .float(5.5))
    #expect(JSONValue(YValue.float(.nan)) == .null)
    #expect(JSONValue(YValue.float(30.9)).integer == 30)
    #expect(JSONValue.number(1e300).integer == nil)
  }

  /// Through an update and back: numbers of every size stay what they are.
  @Test func valuesSurviveADocument() throws {
    for seed in 0..<300 as Range<UInt64> {
      var make = WorkflowGenerator(seed: seed, isOdd: true)
      let value = make.json(4)
      let doc = Doc(clientID: 1)
      try doc.transact { try doc.map("m").set("v", value.yValue) }
      let copy = Doc(clientID: 2)
      try copy.apply(doc.encodeStateAsUpdate())
      #expect((copy.map("m")["v"].map { JSONValue($0.json).text } == value.text) as Bool, "seed \(seed)")
    }
  }
}
