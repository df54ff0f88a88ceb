import Crypto

/// The hash function SHA-256 (FIPS 180-4).
public enum SHA256 {
  /// Bytes of a hash.
  public static let byteCount = Crypto.SHA256.byteCount

  /// The hash of some bytes. O(bytes).
  public static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    Array(Crypto.SHA256.hash(data: Array(bytes)))
  }

  /// The hash as hexadecimal digits in lower case.
  public static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String { Hexadecimal.text(hash(bytes)) }
}

/// A SHA-256 of bytes that come in pieces.
public struct RunningDigest {
  private var function = Crypto.SHA256()

  /// The digest of nothing yet.
  public init() {}

  /// Adds the next bytes. O(bytes).
  public mutating func add(_ bytes: [UInt8]) { function.update(data: bytes) }

  /// The hash of all that was added, as hexadecimal digits in lower case.
  public var hexadecimal: String { Hexadecimal.text(Array(function.finalize())) }
}

/// Bytes as hexadecimal digits.
public enum Hexadecimal {
  private static let digits = Array("0123456789abcdef".utf8)

  /// Two digits in lower case for each byte.
  public static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
