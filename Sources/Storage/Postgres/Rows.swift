import CLibPQ

/// The rows that a statement returned, in binary format. Freed with the last reference.
///
/// The accessors trust the column types: a statement and the code that reads its rows stand together in one file.
final class Rows {
  private let result: OpaquePointer

  init(_ result: OpaquePointer) {
    self.result = result
  }

  deinit {
    PQclear(result)
  }

  /// How many rows there are.
  var count: Int { Int(PQntuples(result)) }
  var isEmpty: Bool { count == 0 }

  /// How many rows the command inserted, updated or deleted.
  var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

  func isNull(_ row: Int, _ column: Int) -> Bool {
    PQgetisnull(result, Int32(row), Int32(column)) == 1
  }

  func int8(_ row: Int, _ column: Int) -> Int64 { integer(row, column) }
  func int4(_ row: Int, _ column: Int) -> Int { Int(integer(row, column) as Int32) }
  func bool(_ row: Int, _ column: Int) -> Bool { value(row, column).first == 1 }
  func bytes(_ row: Int, _ column: Int) -> [UInt8] { Array(value(row, column)) }
  func text(_ row: Int, _ column: Int) -> String { String(decoding: value(row, column), as: UTF8.self) }
  func uuid(_ row: Int, _ column: Int) -> String { UUIDText.text(value(row, column)) }

  func optionalInt8(_ row: Int, _ column: Int) -> Int64? { isNull(row, column) ? nil : int8(row, column) }
  func optionalInt4(_ row: Int, _ column: Int) -> Int? { isNull(row, column) ? nil : int4(row, column) }
  func optionalBytes(_ row: Int, _ column: Int) -> [UInt8]? { isNull(row, column) ? nil : bytes(row, column) }
  func optionalText(_ row: Int, _ column: Int) -> String? { isNull(row, column) ? nil : text(row, column) }
  func optionalUUID(_ row: Int, _ column: Int) -> String? { isNull(row, column) ? nil : uuid(row, column) }

  /// The value where it lies; as long as these rows live.
  private func value(_ row: Int, _ column: Int) -> UnsafeBufferPointer<UInt8> {
    let length = Int(PQgetlength(result, Int32(row), Int32(column)))
    let pointer = PQgetvalue(result, Int32(row), Int32(column))
    return UnsafeBufferPointer(start: UnsafeRawPointer(pointer)?.assumingMemoryBound(to: UInt8.self), count: length)
  }

  private func integer<Value: FixedWidthInteger>(_ row: Int, _ column: Int) -> Value {
    value(row, column).reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }
}
