/// Why bytes could not be decoded, and where.
public struct ByteDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with the bytes.
  public enum Reason: Hashable, Sendable {
    /// The input ends before the value does, or a length reaches past the end.
    case endOfInput
    /// An integer above 2^53 - 1, the largest that every peer can hold.
    case integerTooLarge
    /// A string that is not UTF-8.
    case invalidUTF8
  }

  /// What is wrong.
  public var reason: Reason
  /// Where the value that is wrong begins, in bytes from the start of the input.
  public var offset: Int

  /// An error about the value that begins at `offset`.
  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String {
    switch reason {
    case .endOfInput: "the value at byte \(offset) reaches past the end of the input"
    case .integerTooLarge: "the integer at byte \(offset) is larger than 2^53 - 1"
    case .invalidUTF8: "the string at byte \(offset) is not UTF-8"
    }
  }
}
