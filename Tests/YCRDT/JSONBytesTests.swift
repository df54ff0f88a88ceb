import TestSupport
import Testing

@testable import YCRDT

/// JSON text written from the arenas says what writing the plain values says.
@Suite struct JSONBytesTests {
  @Test(arguments: UInt64(1)...30) func itIsTheTextOfTheValue(seed: UInt64) throws {
    var editor = RandomEditor(seed: seed)
    let doc = Doc(clientID: 1)
    for _ in 0..<60 { try editor.edit(doc, formats: seed.isMultiple(of: 2)) }
    let (map, array, text) = (doc.map("m"), doc.array("a"), doc.text("t"))
    #expect(map.jsonBytes() == map.json.bytes, "seed \(seed)")
    #expect(array.jsonBytes() == array.json.bytes, "seed \(seed)")
    #expect(text.jsonBytes() == text.json.bytes, "seed \(seed)")
    let roots = YObject(
      doc.rootNames.map { name in
        (name, name == "m" ? map.json : name == "a" ? array.json : text.json)
      })
    #expect(doc.jsonBytes() == YValue.object(roots).bytes, "seed \(seed)")
  }

  @Test func everyKindOfValueIsWrittenAsJavaScriptDoes() throws {
    let doc = Doc(clientID: 1)
    let map = doc.map("m")
    try doc.transact {
      try map.set("text", "a\"b\\c\n\u{1}\u{7F}é🧵 and a long plain rest of it")
      let numbers: [YValue] = [0, -1, 2_147_483_647, 0.5, .float(-0.0), .float(.nan), 1e21, .bigInt(.min)]
      try map.set("numbers", .array(numbers))
      try map.set("nested", ["a": [true, .null, ["b": .undefined, "c": "x"]], "d": .binary([0, 255])])
      try map.set("undefined", .undefined)
      try map.set("binary", .binary([1, 2]))
      try map.setArray("array").append(["x"])
      try map.setText("shared", "line\t1")
    }
    let expected = #"""
      {"text":"a\"b\\c\n\u0001\#u{7F}é🧵 and a long plain rest of it","numbers":[0,-1,2147483647,0.5,0,null,1e+21,\#
      -9223372036854775808],"nested":{"a":[true,null,{"c":"x"}],"d":[0,255]},"binary":[1,2],"array":["x"],\#
      "shared":"line\t1"}
      """#
    #expect(String(decoding: map.jsonBytes(), as: UTF8.self) == expected)
  }

  /// Every byte at every distance from the eight that are looked at together.
  @Test func everyCharacterIsEscapedOrNotWhereverItStands() {
    for character in UInt8(0)..<128 {
      for before in 0..<10 {
        let text = String(repeating: "x", count: before) + String(UnicodeScalar(character)) + "yéy"
        let written = YValue.string(text).bytes
        let parsed = written.withUnsafeBufferPointer { JSONParser.parse($0, depth: 1) }
        #expect(parsed == .string(text))
        let short = YValue.string(String(text.dropLast(3))).bytes
        #expect(short == written.dropLast(5) + [UInt8(ascii: "\"")])
        #expect(written.allSatisfy { $0 >= 0x20 })
      }
    }
  }

  @Test func aMemberThatJavaScriptWouldTakeForThePrototypeIsLeftOut() throws {
    let doc = Doc(clientID: 1)
    try doc.transact { try doc.map("m").set("x", ["__proto__": ["y": 1], "b": 2]) }
    #expect(doc.map("m").jsonBytes() == Array(#"{"x":{"b":2}}"#.utf8))
    #expect(doc.map("m").jsonBytes() == doc.map("m").json.bytes)
  }

  @Test func whatIsNestedTooDeepIsNull() throws {
    let doc = Doc(clientID: 1)
    doc.limits.jsonDepth = 2
    try doc.transact { _ = try doc.map("m").setMap("a").setMap("b").setMap("c") }
    #expect(doc.map("m").jsonBytes() == Array(#"{"a":{"b":null}}"#.utf8))
    #expect(doc.map("m").jsonBytes() == doc.map("m").json.bytes)
  }
}

extension YValue {
  fileprivate var bytes: [UInt8] { Array(jsonText.utf8) }
}
