import Testing

@testable import YProtocol

@Suite struct JSONSyntaxTests {
  static func check(_ text: String) throws(JSONSyntaxError) {
    try JSONSyntax.check(Array(text.utf8)[...])
  }

  @Test(arguments: [
    "null", " true ", "false", "0", "-0", "12.5e+3", "1E9", "1e-2", "\"\"", "\"a\\n\\u00e9\\\"\"", "\"\\ud800\"",
    "[]", "[ 1 , [ ] , {} ]", "{}", "{ \"a\" : { \"b\" : [null] } }", "\"\u{1F600}é\"",
  ])
  func acceptsJSON(text: String) throws {
    try Self.check(text)
  }

  @Test(arguments: [
    "", " ", "nul", "nulll", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "'a'", "\"a", "\"\\x\"",
    "\"\\u12g4\"", "\"\n\"", "[1,]", "[1 2]", "[", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "{\"a\":1", "1 2",
    "[1}", "undefined",
  ])
  func refusesWhatIsNotJSON(text: String) {
    #expect(throws: JSONSyntaxError.self) { try Self.check(text) }
  }

  @Test func saysWhere() {
    #expect(throws: JSONSyntaxError(expected: "a colon", offset: 5)) { try Self.check("{\"a\" 1}") }
  }

  @Test func boundsTheDepth() throws {
    let deepest = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
    try Self.check(deepest)
    #expect(throws: JSONSyntaxError.self) { try Self.check("[\(deepest)]") }
    #expect(throws: JSONSyntaxError.self) { try Self.check(String(repeating: "[", count: 1 << 20)) }
  }
}
