public import Workflow

/// What a token says whose signature and times are right.
public struct VerifiedToken: Hashable, Sendable {
  /// Whose it is.
  public var credential: Credential
  /// When it expires, in milliseconds since 1970, the skew of clocks not counted.
  public var expiresAt: Int64
  /// Until when a connection may last that was opened with it.
  public var connectionsUntil: Int64
  /// Whether it is good for opening connections only.
  public var isForConnections: Bool
}
