import TestSupport
import Testing

@testable import YCRDT

@Suite struct IdSetTests {
  /// The same operations on plain sets.
  private func ids(_ set: IdSet) -> Set<ID> {
    var result: Set<ID> = []
    for client in set.clients {
      for range in set.ranges(of: client) { for clock in range { result.insert(ID(client: client, clock: clock)) } }
    }
    return result
  }

  private func randomSet(_ random: inout SeededGenerator) -> (IdSet, Set<ID>) {
    var set = IdSet()
    var expected: Set<ID> = []
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      let client = ClientID.random(in: 1...3, using: &random)
      let start = UInt64.random(in: 0...30, using: &random)
      let range = start..<(start + UInt64.random(in: 0...6, using: &random))
      set.insert(client, range)
      for clock in range { expected.insert(ID(client: client, clock: clock)) }
    }
    return (set, expected)
  }

  @Test func setAlgebra() throws {
    var random = SeededGenerator(seed: 8)
    for _ in 0..<500 {
      let (a, x) = randomSet(&random)
      let (b, y) = randomSet(&random)
      #expect(ids(a) == x && a.count == UInt64(x.count) && a.isEmpty == x.isEmpty)
      var union = a
      union.formUnion(b)
      #expect(ids(union) == x.union(y))
      var difference = a
      difference.subtract(b)
      #expect(ids(difference) == x.subtracting(y))
      var common = a
      common.formIntersection(b)
      #expect(ids(common) == x.intersection(y))
      #expect(try IdSet(decoding: a.encoded()) == a)
      for clock in UInt64(0)...40 {
        #expect(a.contains(ID(client: 2, clock: clock)) == x.contains(ID(client: 2, clock: clock)))
      }
      for client in a.clients {
        let ranges = a.ranges(of: client)
        for (first, second) in zip(ranges, ranges.dropFirst()) { #expect(first.upperBound < second.lowerBound) }
      }
    }
  }

  @Test func stateVectorsTravel() throws {
    var vector = StateVector()
    vector[7] = 3
    vector[(1 << 53) - 1] = 1 << 40
    vector[9] = 0
    #expect(vector.clients == [(1 << 53) - 1, 7])
    #expect(try StateVector(decoding: vector.encoded()) == vector)
    #expect(throws: UpdateError.self) { try StateVector(decoding: [2, 1, 1]) }
  }
}

@Suite struct ValueTests {
  private static let samples: [YValue] = [
    .undefined, .null, .bool(true), .int(0), .int(-5), .int(2_147_483_647), .float(0.1), .float(1e300), .float(-0.0),
    .float(.infinity), .bigInt(.min), .string("é🧵"), .binary([0, 255]), .array([]), .array([.null, "x"]),
    .object(["b": 1, "a": .array([2])]),
  ]

  @Test func valuesKeepTheirClassInAMap() throws {
    let a = Doc(clientID: 1)
    for (index, value) in Self.samples.enumerated() {
      try a.transact { try a.map("m").set("\(index)", value) }
    }
    let b = Doc(clientID: 2)
    try b.apply(a.encodeStateAsUpdate())
    for (index, value) in Self.samples.enumerated() { #expect(b.map("m")["\(index)"]?.value == value) }
  }

  @Test func arraysTakeWhatYjsTakes() {
    let doc = Doc(clientID: 1)
    doc.transact {
      #expect(throws: YError.unsupportedValue) { try doc.array("a").append([.undefined]) }
      #expect(throws: YError.unsupportedValue) { try doc.array("a").append([1, .bigInt(1)]) }
      #expect(throws: YError.outOfBounds(index: 1, count: 0)) { try doc.array("a").insert([1], at: 1) }
      #expect(throws: YError.outOfBounds(index: 1, count: 0)) { try doc.array("a").remove(at: 0) }
    }
    #expect(doc.array("a").isEmpty && doc.stateVector.isEmpty)
  }

  @Test func numbersAreSpelledAsJavaScriptSpellsThem() {
    let cases: [(Double, String)] = [
      (0, "0"), (-0.0, "0"), (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (1e21, "1e+21"), (123e18, "123000000000000000000"),
      (1e-6, "0.000001"), (1.5e-7, "1.5e-7"), (Double.leastNonzeroMagnitude, "5e-324"),
      (1.7976931348623157e308, "1.7976931348623157e+308"),
      (.nan, "null"), (.infinity, "null"),
    ]
    for (value, text) in cases {
      var writer = ByteWriter()
      YValue.float(value).writeJSON(&writer)
      #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    }
  }

  @Test func jsonTextIsReadStrictly() {
    func parse(_ text: String) -> YValue? {
      Array(text.utf8).withUnsafeBufferPointer { JSONParser.parse($0, depth: 4) }
    }
    #expect(parse(" {\"a\": [1, -2.5e1, \"\\u00e9\\n\\ud83e\\uddf5\"]} ") == ["a": [1, -25, "é\n🧵"]])
    #expect(parse("{\"a\":1,\"a\":2}") == ["a": 2])
    #expect(parse("undefined") == .undefined)
    for bad in ["", "{} x", "01", "1.", "[1,]", "{\"a\"}", "\"\u{1}\"", "tru", "[[[[[1]]]]]", "-", "\"\\x\""] {
      #expect(parse(bad) == nil, "\(bad)")
    }
  }

  @Test func keysAreComparedByTheirCodeUnits() {
    let object: YObject = ["e\u{301}": 1, "\u{E9}": 2]
    #expect(object.count == 2)
    #expect(object["\u{E9}"] == 2)
  }
}
