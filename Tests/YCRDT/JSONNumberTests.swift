import TestSupport
import Testing

@testable import YCRDT

/// Numbers as ECMAScript writes them.
@Suite struct JSONNumberTests {
  private func written(_ value: Double) -> String {
    var writer = ByteWriter()
    writer.jsonNumber(value)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// What JavaScript's JSON.stringify answers.
  @Test(
    arguments: [
      (0, "0"), (-0.0, "0"), (.nan, "null"), (.infinity, "null"), (-.infinity, "null"),
      (1, "1"), (-1, "-1"), (0.5, "0.5"), (-0.25, "-0.25"), (772.75, "772.75"), (-0.001, "-0.001"), (1.05, "1.05"),
      (123.456, "123.456"), (123.4567, "123.4567"), (0.1 + 0.2, "0.30000000000000004"), (1.0 / 3, "0.3333333333333333"),
      (0.0005, "0.0005"), (0.000001, "0.000001"), (1.5e-6, "0.0000015"), (1e-7, "1e-7"), (1.5e-7, "1.5e-7"),
      (999_999_999_999.5, "999999999999.5"), (1e15, "1000000000000000"), (1e20, "100000000000000000000"),
      (1e21, "1e+21"), (1.5e21, "1.5e+21"), (123_456_789_012_345_683_968, "123456789012345680000"),
      (9_007_199_254_740_992, "9007199254740992"), (.leastNonzeroMagnitude, "5e-324"),
      (-1.7976931348623157e308, "-1.7976931348623157e+308"),
      (2.2250738585072014e-308, "2.2250738585072014e-308"), (4.35, "4.35"), (1.005, "1.005"), (64.015, "64.015"),
    ] as [(Double, String)])
  func itIsWrittenAsJavaScriptDoes(value: Double, text: String) {
    #expect(written(value) == text)
  }

  /// Decimals with few places, and doubles of all sizes: the text is the number again, in no more digits than Swift needs.
  @Test func itReadsBackAndIsShortest() {
    var random = SeededGenerator(seed: 7)
    for round in 0..<6000 {
      let value =
        round.isMultiple(of: 2)
        ? Double(Int64.random(in: -10_000_000...10_000_000, using: &random)) / [1, 2, 10, 100, 1000, 10_000][round % 6]
        : Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
      guard value.isFinite else { continue }
      let text = written(value)
      #expect(Double(text) == value, "\(value)")
      #expect(digits(text) == digits(value.description), "\(value)")
    }
  }

  /// The digits that count.
  private func digits(_ text: String) -> String {
    let all = text.prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }
    return String(all.reversed().drop { $0 == "0" }.reversed())
  }

  @Test(
    arguments: [
      (0, "0"), (9, "9"), (10, "10"), (-99, "-99"), (1_000_000, "1000000"), (Int64.max, "9223372036854775807"),
      (Int64.min, "-9223372036854775808"),
    ] as [(Int64, String)])
  func integersAreWrittenInFull(value: Int64, text: String) {
    var writer = ByteWriter()
    writer.jsonInteger(value)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
  }
}
