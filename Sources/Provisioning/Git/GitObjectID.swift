/// The name that git gives a commit: 40 hexadecimal digits (64 in repositories with SHA-256).
///
/// Nothing else can be made one, so that no text from elsewhere gets into git's arguments as a commit.
public struct GitObjectID: Hashable, Sendable, CustomStringConvertible {
  /// The digits, in lower case.
  public let description: String

  /// The id with these digits; nil if that is none.
  public init?(_ digits: some StringProtocol) {
    guard [40, 64].contains(digits.utf8.count), digits.utf8.allSatisfy(Self.isDigit) else { return nil }
    description = digits.lowercased()
  }

  /// The first digits, for people.
  public var abbreviated: String { String(description.prefix(10)) }

  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
    case UInt8(ascii: "A")...UInt8(ascii: "F"): true
    default: false
    }
  }
}
