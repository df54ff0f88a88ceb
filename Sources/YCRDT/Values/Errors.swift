/// Why bytes are not a valid update, state vector or delete set.
public struct UpdateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The bytes end inside a value.
    case truncated
    /// A number is greater than 2^53 - 1, the greatest that the format can express.
    case numberTooLarge
    /// A string is not UTF-8.
    case invalidText
    /// A value that must be JSON text is none, or has a number that no double can hold.
    case invalidJSON
    /// Content of a kind that Yjs 13 does not know.
    case unknownContent(UInt8)
    /// A shared type of a kind that Yjs 13 does not know.
    case unknownType(UInt64)
    /// An `Any` value with an unknown tag.
    case unknownValue(UInt8)
    /// Content of length zero.
    case emptyContent
    /// An item refers to a later one of its own client, or to itself.
    case forwardReference
    /// An item stands behind a unit and before the same one, or before one in front of it; see `DocLimits.acceptsCrossedOrigins`.
    case crossedOrigins
    /// Values are nested deeper than `DocLimits.valueDepth`.
    case nestedTooDeep
    /// A relative position of a form that Yjs 13 does not know.
    case unknownPosition(UInt64)
    /// The named limit of `DocLimits` would be exceeded.
    case limit(String)
  }

  /// What is wrong.
  public var reason: Reason
  /// Where in the bytes it was noticed.
  public var offset: Int

  /// An error for this reason, at an offset in the bytes.
  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String { "\(reason) at byte \(offset)" }
}
