import Crypto

/// Codes that show that who made them knows a secret: HMAC with SHA-256 (RFC 2104).
public enum MessageCode {
  /// The code of some bytes.
  public static func code(_ bytes: [UInt8], secret: [UInt8]) -> [UInt8] {
    Array(HMAC<Crypto.SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: secret)))
  }

  /// Whether two texts are the same, in a time that does not depend on where they differ.
  public static func isEqual(_ one: String, _ other: String) -> Bool {
    let (one, other) = (Array(one.utf8), Array(other.utf8))
    guard one.count == other.count else { return false }
    return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
