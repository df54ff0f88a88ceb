import Testing
import Workflow

/// JSON Patch, with the cases that the appendix of RFC 6902 is about.
@Suite struct JSONPatchTests {
  struct Case: Sendable {
    let before: String
    let patch: String
    /// Nil where the patch must not be applied.
    let after: String?

    init(_ before: String, _ patch: String, _ after: String?) {
      (self.before, self.patch, self.after) = (before, patch, after)
    }
  }

  static let appendix = [
    Case(#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"baz":"qux","foo":"bar"}"#),
    Case(#"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#, #"{"foo":["bar","qux","baz"]}"#),
    Case(#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
    Case(#"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#, #"{"foo":["bar","baz"]}"#),
    Case(
      #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#, #"{"baz":"boo","foo":"bar"}"#),
    Case(
      #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
      #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
      #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#),
    Case(
      #"{"foo":["all","grass","cows","eat"]}"#, #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
      #"{"foo":["all","cows","eat","grass"]}"#),
    Case(
      #"{"baz":"qux","foo":["a",2,"c"]}"#,
      #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
      #"{"baz":"qux","foo":["a",2,"c"]}"#),
    Case(#"{"baz":"qux"}"#, #"[{"op":"test","path":"/baz","value":"bar"}]"#, nil),
    Case(
      #"{"foo":"bar"}"#, #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
      #"{"foo":"bar","child":{"grandchild":{}}}"#),
    Case(
      #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#, #"{"foo":"bar","baz":"qux"}"#),
    Case(#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz/bat","value":"qux"}]"#, nil),
    Case(#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux","op":"remove"}]"#, nil),
    Case(#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#),
    Case(#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":"10"}]"#, nil),
    Case(
      #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#, #"{"foo":["bar",["abc","def"]]}"#),
  ]

  static let others = [
    Case(#"{"a":1}"#, #"[]"#, #"{"a":1}"#),
    Case(#"{"a":1}"#, #"[{"op":"add","path":"","value":[1]}]"#, "[1]"),
    Case(#"{"a":1}"#, #"[{"op":"replace","path":"","value":2}]"#, "2"),
    Case(#"{"a":1}"#, #"[{"op":"test","path":"","value":{"a":1.0}}]"#, #"{"a":1}"#),
    Case(#"{"a":1}"#, #"[{"op":"replace","path":"/b","value":2}]"#, nil),
    Case(#"{"a":1}"#, #"[{"op":"test","path":"/b","value":null}]"#, nil),
    Case(#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#, nil),
    Case(#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a","path":"/a"}]"#, #"{"a":{"b":1}}"#),
    Case(#"{"a":{"b":1}}"#, #"[{"op":"copy","from":"/a","path":"/a/c"}]"#, #"{"a":{"b":1,"c":{"b":1}}}"#),
    Case(#"{"":{"":1}}"#, #"[{"op":"replace","path":"//","value":2}]"#, #"{"":{"":2}}"#),
    Case("[1]", #"[{"op":"add","path":"/1","value":2}]"#, "[1,2]"),
    Case("[1]", #"[{"op":"add","path":"/2","value":2}]"#, nil),
    Case("[1,2]", #"[{"op":"remove","path":"/01"}]"#, nil),
    Case("[1,2]", #"[{"op":"replace","path":"/-","value":3}]"#, nil),
    Case("[1,2]", #"[{"op":"remove","path":"/-1"}]"#, nil),
    Case("[1,2]", #"[{"op":"remove","path":"/1e0"}]"#, nil),
    Case("[1,2]", #"[{"op":"remove","path":"/99999999999999999999999"}]"#, nil),
    Case(#"{"1":1}"#, #"[{"op":"remove","path":"/1"}]"#, "{}"),
    // All of it or nothing.
    Case(#"{"a":1}"#, #"[{"op":"remove","path":"/a"},{"op":"remove","path":"/a"}]"#, nil),
  ]

  @Test(arguments: appendix + others)
  func itMakesWhatItShould(_ example: Case) throws {
    let before = try JSONValue(parsing: example.before)
    let patch = try JSONPatch(json: try JSONValue(parsing: example.patch))
    guard let after = example.after else {
      #expect(throws: PatchError.self) { try patch.applied(to: before) }
      return
    }
    #expect(try patch.applied(to: before) == JSONValue(parsing: after))
  }

  @Test(arguments: [
    ("{}", ""), ("[1]", "/0"), (#"[{"op":"add","path":"/a"}]"#, "/0"), (#"[{"op":"add","value":1}]"#, "/0/path"),
    (#"[{"op":"spam","path":"/a"}]"#, "/0/op"), (#"[{"path":"/a"}]"#, "/0/op"),
    (#"[{"op":"remove","path":"a"}]"#, "/0/path"), (#"[{"op":"remove","path":"/a~2"}]"#, "/0/path"),
    (#"[{"op":"remove","path":"/a~"}]"#, "/0/path"), (#"[{"op":"remove","path":7}]"#, "/0/path"),
    (#"[{"op":"test","path":"/a","value":1},{"op":"move","path":"/a"}]"#, "/1/from"),
  ])
  func whatIsNoPatchIsNamedByItsPlace(text: String, place: String) throws {
    let json = try JSONValue(parsing: text)
    let error = #expect(throws: PatchError.self) { try JSONPatch(json: json) }
    #expect(error?.kind == .malformed && error?.place == place, "\(String(describing: error))")
  }

  @Test func aFailedTestSaysWhereAndWhatIsThere() throws {
    let patch = JSONPatch([.test(JSONPointer(["a"]), "x")])
    let error = #expect(throws: PatchError.self) { try patch.applied(to: ["a": "y"]) }
    #expect(error == PatchError(.testFailed, at: "/a", #"expected was "x", and there is "y""#))
  }

  @Test func operationsAreCounted() throws {
    var limits = PatchLimits()
    limits.operations = 2
    let operation: JSONValue = ["op": "remove", "path": "/a"]
    #expect(throws: Never.self) { try JSONPatch(json: [operation, operation], limits: limits) }
    let error = #expect(throws: PatchError.self) {
      try JSONPatch(json: [operation, operation, operation], limits: limits)
    }
    #expect(error?.kind == .tooLarge)
  }

  /// Without a limit this is a value of 2^900 numbers.
  @Test func copiesOfCopiesEnd() throws {
    let operations = (0..<900).map { _ in
      JSONPatch.Operation.copy(from: JSONPointer([]), to: JSONPointer(["-"]))
    }
    let error = #expect(throws: PatchError.self) { try JSONPatch(operations).applied(to: [1]) }
    #expect(error?.kind == .tooLarge)
  }

  @Test func nothingGetsDeeperThanCanBeGoneThrough() throws {
    let depth = JSONValue.maximumDepth
    let place = JSONPointer(Array(repeating: "0", count: depth - 1))
    var nested: JSONValue = []
    for _ in 1..<depth { nested = [nested] }
    #expect(throws: Never.self) { try JSONPatch([.add(place, [1])]).applied(to: nested) }
    for operation in [
      JSONPatch.Operation.add(place, [[1]]), .copy(from: JSONPointer([]), to: place), .replace(place, [[1]]),
    ] {
      let error = #expect(throws: PatchError.self) { try JSONPatch([operation]).applied(to: nested) }
      #expect(error?.kind == .tooLarge)
    }
    let deep = String(repeating: "/a", count: depth + 1)
    let error = #expect(throws: PatchError.self) { try JSONPatch(json: [["op": "remove", "path": .string(deep)]]) }
    #expect(error?.kind == .tooLarge)
  }

  @Test func pointersReadBackAsTheyAreWritten() {
    for text in ["", "/", "/a/b", "/~0/~1~0", "//", "/ü"] { #expect(JSONPointer(text)?.description == text) }
    for text in ["a", "/~", "/~2", "#/a"] { #expect(JSONPointer(text) == nil) }
  }
}
