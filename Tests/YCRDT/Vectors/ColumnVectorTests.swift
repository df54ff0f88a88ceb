import TestSupport
import Testing

@testable import YCRDT

/// The columns of format V2, and what updates say of themselves.
@Suite struct ColumnVectorTests {
  @Test func columnsAreReadAndWrittenAsPeersDo() throws {
    var counts: [String: Int] = [:]
    var notCompared = 0
    for vector in try Vectors.cases("primitives.jsonl") {
      guard let kind = vector["t"]?.string, let values = vector["v"]?.array, let bytes = vector["hex"]?.hexBytes else {
        continue
      }
      var check = VectorCheck("column \(kind) \(values.prefix(8))", vector)
      switch kind {
      case "rleU8", "uintOptRle", "intDiffOptRle":
        let numbers = values.compactMap(\.integer)
        // Clocks are never negative.
        guard numbers.count == values.count else {
          notCompared += 1
          continue
        }
        check.equal(try Self.read(kind, bytes, numbers.count), numbers, "read")
        check.equalBytes(Self.written(kind, numbers), bytes, "written")
      case "stringColumn":
        let strings = values.map { String(decoding: $0.array.map { UInt16($0.integer ?? 0) }, as: UTF16.self) }
        check.equal(try Self.readStrings(bytes, strings.count), strings, "read")
        check.equalBytes(Self.written(strings), bytes, "written")
      default: continue
      }
      counts[kind, default: 0] += 1
      check.report()
    }
    print("columns: \(counts), not compared for negative numbers: \(notCompared)")
    #expect(counts.count == 4)
  }

  @Test func updatesSayWhatTheyBring() throws {
    var count = 0
    for vector in try Vectors.cases("positions.jsonl") where vector["id"]?.string == "update-meta" {
      for update in vector["updates"]?.array ?? [] {
        for (format, name, stateVector) in [(UpdateFormat.v1, "v1", "sv"), (.v2, "v2", "svV2")] {
          let bytes = try #require(update[name]?.bytes)
          var check = VectorCheck("update-meta \(count) \(name)", vector)
          let clocks = try Update.clocks(of: bytes, format: format)
          check.equal(Self.clocks(clocks.mapValues(\.lowerBound)), update["from"]?.stateVector, "from")
          check.equal(Self.clocks(clocks.mapValues(\.upperBound)), update["to"]?.stateVector, "to")
          check.equalBytes(
            try Update.stateVector(of: bytes, format: format).encoded(), update[stateVector]?.bytes, "state vector")
          check.report()
          count += 1
        }
      }
    }
    #expect(count > 0)
  }

  private static func clocks(_ clocks: [ClientID: UInt64]) -> StateVector {
    var result = StateVector()
    for (client, clock) in clocks { result[client] = clock }
    return result
  }

  // MARK: - Columns

  private static func read(_ kind: String, _ bytes: [UInt8], _ count: Int) throws -> [UInt64] {
    try bytes.withUnsafeBufferPointer { bytes in
      var byteColumn = ByteColumnReader(bytes)
      var numberColumn = UIntColumnReader(bytes)
      var differenceColumn = DifferenceColumnReader(bytes)
      return try (0..<count).map { _ in
        switch kind {
        case "rleU8": UInt64(try byteColumn.next())
        case "uintOptRle": try numberColumn.next()
        default: try differenceColumn.next()
        }
      }
    }
  }

  private static func readStrings(_ bytes: [UInt8], _ count: Int) throws -> [String] {
    try bytes.withUnsafeBufferPointer { bytes in
      var column = try StringColumnReader(bytes)
      return try (0..<count).map { _ in
        var writer = ByteWriter()
        try column.copyNext(into: &writer)
        return try writer.bytes.read { (reader) throws(UpdateError) in try reader.text() }
      }
    }
  }

  private static func written(_ kind: String, _ values: [UInt64]) -> [UInt8] {
    var result = ByteWriter()
    switch kind {
    case "rleU8":
      var column = ByteColumnWriter()
      for value in values { column.write(UInt8(value)) }
      _ = column.finish()
      column.copy(into: &result)
    case "uintOptRle":
      var column = UIntColumnWriter()
      for value in values { column.write(value) }
      _ = column.finish()
      column.copy(into: &result)
    default:
      var column = DifferenceColumnWriter()
      for value in values { column.write(value) }
      _ = column.finish()
      column.copy(into: &result)
    }
    return withoutLength(result.bytes)
  }

  private static func written(_ strings: [String]) -> [UInt8] {
    var result = ByteWriter()
    var column = StringColumnWriter()
    for var string in strings {
      let count = string.utf16.count
      string.withUTF8 { column.write($0, utf16Count: count) }
    }
    _ = column.finish()
    column.copy(into: &result)
    return withoutLength(result.bytes)
  }

  /// A column stands behind its length in an update.
  private static func withoutLength(_ bytes: [UInt8]) -> [UInt8] {
    Array(bytes.drop { $0 >= 0x80 }.dropFirst())
  }
}
