/// Why a patch cannot be applied, and where.
public struct PatchError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with it.
  public enum Kind: Hashable, Sendable {
    /// It is no patch.
    case malformed
    /// An operation `test` found another value.
    case testFailed
    /// It does not fit the document, or what it makes is none.
    case invalid
    /// It is more than the limits allow.
    case tooLarge
  }

  public var kind: Kind
  /// The place in the document, or in the patch where that is none.
  public var place: String
  public var reason: String

  public init(_ kind: Kind, at place: String, _ reason: String) {
    self.kind = kind
    self.place = place
    self.reason = reason
  }

  /// For example "/jobs/0/name: expected is a string".
  public var description: String { place.isEmpty ? reason : "\(place): \(reason)" }
}

/// What patches may be.
public struct PatchLimits: Hashable, Codable, Sendable {
  /// Bytes of a patch; what it copies and moves counts as well.
  public var bytes = 1 << 20
  /// Operations of a JSON Patch.
  public var operations = 1000

  public init() {}
}
