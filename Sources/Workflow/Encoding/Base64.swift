/// Bytes as text, as RFC 4648 has it. Of one value there is exactly one text.
public enum Base64: Sendable {
  /// With `+`, `/` and padding.
  case standard
  /// With `-` and `_`, and without padding, as tokens have it.
  case url

  private static let padding = UInt8(ascii: "=")
  private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
  private static let standardDigits = Array((letters + "+/").utf8)
  private static let urlDigits = Array((letters + "-_").utf8)
  private static let standardValues = values(of: standardDigits)
  private static let urlValues = values(of: urlDigits)

  private static func values(of digits: [UInt8]) -> [UInt8?] {
    var values = [UInt8?](repeating: nil, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }

  /// O(bytes).
  public func encode(_ bytes: [UInt8]) -> String {
    let digits = self == .url ? Self.urlDigits : Self.standardDigits
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var (bits, count): (UInt32, UInt32) = (0, 0)
    for byte in bytes {
      (bits, count) = (bits << 8 | UInt32(byte), count + 8)
      while count >= 6 {
        count -= 6
        text.append(digits[Int(bits >> count & 63)])
      }
    }
    if count > 0 { text.append(digits[Int(bits << (6 - count) & 63)]) }
    while self == .standard, !text.count.isMultiple(of: 4) { text.append(Self.padding) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil for what `encode` does not write: other characters, padding that lacks or is too much, and bits left over that are not 0.
  public func decode(_ text: some BidirectionalCollection<UInt8>) -> [UInt8]? {
    let values = self == .url ? Self.urlValues : Self.standardValues
    guard self == .url || text.count.isMultiple(of: 4) else { return nil }
    let paddings = self == .url ? 0 : text.suffix(2).count { $0 == Self.padding }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var (bits, count): (UInt32, UInt32) = (0, 0)
    for digit in text.dropLast(paddings) {
      guard let value = values[Int(digit)] else { return nil }
      (bits, count) = (bits << 6 | UInt32(value), count + 6)
      guard count >= 8 else { continue }
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> count))
    }
    guard count < 6, bits & (1 << count - 1) == 0 else { return nil }
    return bytes
  }
}
