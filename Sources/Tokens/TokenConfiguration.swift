/// Which tokens are taken besides those that servers issue themselves.
public struct TokenConfiguration: Sendable {
  /// The secret of tokens signed with HS256; nil where there are none.
  public var secret: [UInt8]?
  /// The audience that tokens have to be for. Without one, only tokens are taken that name none.
  public var audience: String?
  /// Who has to have issued them; nil for whoever has the key.
  public var issuer: String?
  /// By how much clocks may differ.
  public var clockSkew = Duration.seconds(30)

  public init() {}

  /// A shorter secret could be guessed.
  public static let leastSecretBytes = 32
}
