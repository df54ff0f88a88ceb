/// The number that identifies one editing session. Yjs draws 32 random bits; up to 53 bits are valid.
public typealias ClientID = UInt64

/// The identity of one unit of content: a UTF-16 code unit, an array element, a map value.
public struct ID: Hashable, Sendable {
  /// Who wrote it.
  public var client: ClientID
  /// How many units that client had written before.
  public var clock: UInt64

  /// The unit that `client` wrote at `clock`.
  public init(client: ClientID, clock: UInt64) {
    self.client = client
    self.clock = clock
  }
}

/// Who or what caused a transaction, for observers to tell apart. It never leaves the process.
public struct Origin: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The name by which observers compare.
  public var name: String

  /// An origin of this name.
  public init(_ name: String) {
    self.name = name
  }

  public init(stringLiteral value: String) {
    name = value
  }

  public var description: String { name }
}
