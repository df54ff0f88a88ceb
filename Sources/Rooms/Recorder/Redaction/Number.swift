/// Numbers of seven bits a byte, the lowest first, as updates and awareness have them.
extension ArraySlice<UInt8> {
  /// Takes a number off the front; as many zeros may pad it as members may send. Nil where it does not end, and for more than 63
  /// bits.
  mutating func popNumber() -> UInt64? {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while let byte = popFirst() {
      guard shift < 63 || byte & 0x7F == 0 else { return nil }
      if shift < 63 { value |= UInt64(byte & 0x7F) << shift }
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }
}

extension [UInt8] {
  mutating func append(number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }
}
