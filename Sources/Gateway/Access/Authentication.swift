public import Tokens

/// How those who come show who they are.
public struct Authentication: Sendable {
  public var verifier: TokenVerifier
  public var issuer: TokenIssuer
  /// How long a token lasts that a client gets for opening connections.
  public var connectionTokenLifetime = Duration.seconds(300)
  /// How long a websocket stays open whose client has no access to its document, or has lost it.
  public var grace = Duration.seconds(30)
  /// Whether tokens are taken that came unencrypted from another machine.
  public var takesPlaintextTokens = false

  public init(verifier: TokenVerifier, issuer: TokenIssuer) {
    self.verifier = verifier
    self.issuer = issuer
  }
}
