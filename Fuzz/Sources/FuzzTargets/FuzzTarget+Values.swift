@testable import YCRDT

extension FuzzTarget {
  static func runAnyValue(_ bytes: [UInt8]) throws(Finding) {
    let found = bytes.withUnsafeBufferPointer { buffer -> (YValue, Int)? in
      var skipper = ByteReader(buffer)
      var reader = ByteReader(buffer)
      let isValid = (try? skipper.skipAny(depth: 64)) != nil
      let value = try? reader.anyValue(depth: 64)
      precondition(isValid == (value != nil), "validating and reading disagree")
      precondition(!isValid || skipper.position == reader.position, "validating and reading end elsewhere")
      return value.map { ($0, reader.position) }
    }
    guard let (value, _) = found else { return }
    var writer = ByteWriter()
    writer.any(value)
    let again = try reread(writer.bytes)
    var second = ByteWriter()
    second.any(again)
    try require(second.bytes == writer.bytes, "a value is spelled otherwise the second time")
    _ = value.jsonText
  }

  private static func reread(_ bytes: [UInt8]) throws(Finding) -> YValue {
    try accepted("a value as we write it") { () throws(UpdateError) in
      try bytes.read { (reader) throws(UpdateError) in try reader.anyValue(depth: 64) }
    }
  }

  static func runJSONText(_ bytes: [UInt8]) throws(Finding) {
    guard UTF8Shape(bytes) != nil else { return }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let value = YValue(jsonText: text) else { return }
    let written = value.jsonText
    guard let again = YValue(jsonText: written) else { throw Finding("our own JSON text is none: \(written)") }
    try require(again.jsonText == written, "another JSON text after a round trip: \(written)")
  }
}

extension UTF8Shape {
  fileprivate init?(_ bytes: [UInt8]) {
    let shape = bytes.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.flatMap { UTF8Shape(scanning: $0, buffer.count) }
    }
    guard let shape else { return nil }
    self = shape
  }
}
