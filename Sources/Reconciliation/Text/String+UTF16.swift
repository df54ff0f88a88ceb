import Glibc

/// Texts as UTF-16 and back. The standard library's ways go unit by unit; most code is ASCII, and a loop over bytes is ten
/// times as fast. The unsafe buffers are the string's and array's own, used within their closures only.
extension String {
  /// The UTF-16 units.
  var units: [UInt16] {
    var text = self
    return text.withUTF8 { bytes in
      guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
      return [UInt16](unsafeUninitializedCapacity: bytes.count) { buffer, count in
        for index in bytes.indices { buffer[index] = UInt16(bytes[index]) }
        count = bytes.count
      }
    } ?? Array(utf16)
  }

  /// The text that UTF-16 units spell.
  init(units: ArraySlice<UInt16>) {
    let ascii = units.withUnsafeBufferPointer { units -> String? in
      guard units.allSatisfy({ $0 < 0x80 }) else { return nil }
      return String(unsafeUninitializedCapacity: units.count) { buffer in
        for index in units.indices { buffer[index] = UInt8(truncatingIfNeeded: units[index]) }
        return units.count
      }
    }
    self = ascii ?? String(decoding: units, as: UTF16.self)
  }

  /// Whether the text has carriage returns.
  var hasCarriageReturns: Bool {
    var text = self
    return text.withUTF8 { bytes in bytes.baseAddress.map { memchr($0, 0x0D, bytes.count) != nil } ?? false }
  }
}
