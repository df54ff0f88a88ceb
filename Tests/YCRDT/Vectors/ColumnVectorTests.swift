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

  @Test func stringsEndWithTheirText() throws {
    for text in ["abc", "äbc"] {
      var column = ByteWriter()
      column.string(text)
      for length: UInt64 in [2, 5, 3] { column.varInt(magnitude: length, isNegative: false) }
      #expect(try Self.readStrings(column.bytes, 3) == [String(text.prefix(2)), "c", ""])
    }
  }

  @Test func anEmptyColumnOfKindsIsAllZeros() throws {
    #expect(try Self.read("rleU8", [], 3) == [0, 0, 0])
  }

  @Test(arguments: 1...20) func stringsOfAllLengthsComeBack(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let strings = (0..<60).map { _ in
      let isMixed = Bool.random(using: &random)
      return (0..<Int.random(in: 0...90, using: &random)).map { _ in
        isMixed ? ["a", "ä", "€", "😀"].randomElement(using: &random) ?? "" : "b"
      }.joined()
    }
    #expect(try Self.readStrings(Self.written(strings), strings.count) == strings, "seed \(seed)")
  }

  @Test func unusualUpdatesDifferAsUsualOnesDo() throws {
    let usual = Self.update(clients: [9, 5], deletions: [(9, [0, 2]), (5, [1])])
    let unusual = Self.update(clients: [5, 9], deletions: [(5, [1]), (9, [2, 0])])
    for known in [[:], [5: 1], [5: 3, 9: 2], [5: 3, 9: 3]] as [[ClientID: UInt64]] {
      let state = Self.clocks(known)
      #expect(try Update.difference(unusual, since: state) == Update.difference(usual, since: state), "\(known)")
    }
  }

  /// Three letters of each client, and deleted clocks.
  private static func update(clients: [UInt64], deletions: [(client: UInt64, clocks: [UInt64])]) -> [UInt8] {
    var writer = ByteWriter()
    writer.varUInt(clients.count)
    for client in clients {
      // One struct from clock 0 on: a string in the root "t".
      for number in [1, client, 0, 4, 1] { writer.varUInt(number) }
      writer.string("t")
      writer.string("abc")
    }
    writer.varUInt(deletions.count)
    for (client, clocks) in deletions {
      writer.varUInt(client)
      writer.varUInt(clocks.count)
      for clock in clocks {
        writer.varUInt(clock)
        writer.varUInt(1 as UInt64)
      }
    }
    return writer.bytes
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
