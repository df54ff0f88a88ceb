import YProtocol

/// Tells byte sequences apart, the same in every process and on every machine. It is no protection against anybody.
struct Fingerprint {
  private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func mix(_ number: UInt64) {
    let product = (value ^ number).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    value = product.high ^ product.low &+ 0xE703_7ED1_A0B4_28DB
  }

  mutating func mix(_ number: some BinaryInteger) { mix(UInt64(truncatingIfNeeded: number)) }

  mutating func mix(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { mix($0) }
  }

  mutating func mix(_ text: String) {
    var text = text
    text.withUTF8 { mix(UnsafeRawBufferPointer($0)) }
  }

  private mutating func mix(_ bytes: UnsafeRawBufferPointer) {
    mix(UInt64(bytes.count))
    var offset = 0
    while offset + 8 <= bytes.count {
      mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    mix(rest)
  }

  /// The half that records keep.
  var short: UInt32 { UInt32(truncatingIfNeeded: value ^ value >> 32) }
}
