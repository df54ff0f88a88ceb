import TestSupport
import Testing

@testable import YCRDT

/// What stands between the quotes of JSON's strings, held against a byte by byte writing.
@Suite struct JSONEscapingTests {
  private static func reference(_ text: some Sequence<UInt8>) -> [UInt8] {
    text.flatMap { byte -> [UInt8] in
      switch byte {
      case 0x08: Array(#"\b"#.utf8)
      case 0x09: Array(#"\t"#.utf8)
      case 0x0A: Array(#"\n"#.utf8)
      case 0x0C: Array(#"\f"#.utf8)
      case 0x0D: Array(#"\r"#.utf8)
      case 0x22: Array(#"\""#.utf8)
      case 0x5C: Array(#"\\"#.utf8)
      case 0..<0x10: Array(#"\u000\#(String(byte, radix: 16))"#.utf8)
      case 0x10..<0x20: Array(#"\u00\#(String(byte, radix: 16))"#.utf8)
      default: [byte]
      }
    }
  }

  /// As it is written of an arena, where other text stands before and behind it, and of anywhere.
  private static func written(_ text: [UInt8], at offset: Int) -> (arena: [UInt8], anywhere: [UInt8]) {
    var arena = ByteArena()
    for part in [[UInt8](repeating: 0x22, count: offset), text, [UInt8](repeating: 0x0A, count: 3)] {
      part.withUnsafeBufferPointer { _ = arena.append($0.baseAddress.unsafelyUnwrapped, $0.count) }
    }
    var inside = ByteWriter()
    var outside = ByteWriter()
    inside.jsonEscaped(arena: arena.bytes(UInt32(offset), UInt32(text.count)))
    text.withUnsafeBufferPointer { outside.jsonEscaped($0) }
    return (inside.bytes, outside.bytes)
  }

  /// Every byte at every place of short texts, wherever they begin.
  @Test func everyByteIsEscapedOrNotWhereverItStands() {
    for byte in UInt8.min...UInt8.max {
      for count in [1, 2, 7, 8, 9, 15, 16, 17, 24] {
        for place in 0..<count {
          var text = [UInt8](repeating: UInt8(ascii: "x"), count: count)
          text[place] = byte
          let result = Self.written(text, at: 1 + (place + count) % 8)
          #expect(result.arena == Self.reference(text), "\(text)")
          #expect(result.anywhere == Self.reference(text), "\(text)")
        }
      }
    }
  }

  /// Dense and sparse escapes, in texts longer than is escaped at once.
  @Test(arguments: UInt64(1)...40) func randomTextIsEscapedAsByteByByte(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let share = [0, 1, 10, 100].randomElement(using: &random) ?? 0
    let count = [0, 7, 64, 1023, 1024, 1025, 5000].randomElement(using: &random) ?? 0
    let text = (0..<count).map { _ in
      Int.random(in: 0..<100, using: &random) < share
        ? UInt8.random(in: 0..<0x20, using: &random)
        : [0x22, 0x5C, 0x7F, 0x80, 0xFF, 0x20, 0x41].randomElement(using: &random) ?? 0
    }
    let result = Self.written(text, at: Int.random(in: 1...64, using: &random))
    #expect(result.arena == Self.reference(text), "seed \(seed)")
    #expect(result.anywhere == Self.reference(text), "seed \(seed)")
  }

  /// Texts of pieces of all lengths, some deleted, so that several buffers are filled and single pieces fit into none.
  @Test(arguments: UInt64(1)...20) func aTextOfManyPiecesIsThatOfTheWhole(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let doc = Doc(clientID: 1)
    let text = doc.text("t")
    let units = ["a", "\"", "\n", "é", "🧵", "\u{1}", "日"]
    for _ in 0..<120 {
      let length = [1, 3, 20, 63, 64, 65, 200, 4095, 4096, 4097].randomElement(using: &random) ?? 1
      let piece = String(repeating: units.randomElement(using: &random) ?? "", count: length)
      // At the front, so that pieces do not join.
      try doc.transact { try text.insert(piece, at: 0) }
      if Int.random(in: 0..<3, using: &random) == 0 {
        try doc.transact { try text.remove(0..<piece.utf16.count) }
      }
    }
    let quote = [UInt8(ascii: "\"")]
    #expect(text.jsonBytes() == quote + Self.reference(text.string.utf8) + quote, "seed \(seed)")
  }

  @Test func aTextOfNothingIsEmpty() throws {
    let doc = Doc(clientID: 1)
    #expect(doc.text("t").jsonBytes() == Array(#""""#.utf8))
    try doc.transact { try doc.text("t").append("gone") }
    try doc.transact { try doc.text("t").remove(0..<4) }
    #expect(doc.text("t").jsonBytes() == Array(#""""#.utf8))
  }
}
