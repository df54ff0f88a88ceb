/// Keyed hashing for the engine's open-addressing tables.
///
/// The key is random per process, so that nobody outside can choose names, ids or clocks that collide.
enum Hashing {
  private static let seed = UInt64.random(in: .min ... .max)

  @inline(__always) static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = (a ^ seed).multipliedFullWidth(by: b ^ 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }

  @inline(__always) static func hash(_ value: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: mix(value, 0xD6E8_FEB8_6659_FD93))
  }

  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var state = UInt64(bytes.count)
    var index = 0
    let raw = UnsafeRawBufferPointer(bytes)
    while index + 8 <= bytes.count {
      state = mix(state, raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      index += 8
    }
    var tail: UInt64 = 0
    while index < bytes.count {
      tail = tail << 8 | UInt64(bytes[index])
      index += 1
    }
    return UInt32(truncatingIfNeeded: mix(state, tail))
  }
}
