import Dispatch
import Workflow

/// Looks whether tokens are what they say. On a thread of its own, since signatures take their time.
public final class TokenVerifier: Sendable {
  private let configuration: TokenConfiguration
  /// By how much clocks may differ, in milliseconds.
  public var clockSkew: Int64 { configuration.clockSkew.milliseconds }
  private let secretKey: Key?
  private let ownKey: Key
  private let source: KeySource?
  private let queue = DispatchQueue(label: "heddle.tokens")

  /// Takes tokens of this issuer, and those that the configuration describes.
  public init(_ configuration: TokenConfiguration, issuer: TokenIssuer, keys source: KeySource?) throws {
    self.configuration = configuration
    secretKey = try configuration.secret.map(Key.init(secret:))
    ownKey = issuer.key
    self.source = source
  }

  /// Verifies a token as of a time in milliseconds since 1970. Where it names a key that is not known, the keys are fetched first.
  public func verify(
    _ token: String, now: Int64, _ completion: @escaping @Sendable (Result<VerifiedToken, TokenRefusal>) -> Void
  ) {
    queue.async { [self] in
      let result = verified(token, now: now)
      guard case .failure(.unknownKey) = result, let source else { return completion(result) }
      source.refresh { [self] isNew in
        guard isNew else { return completion(result) }
        queue.async { completion(self.verified(token, now: now)) }
      }
    }
  }

  /// Verifies a token with the keys that are known. Takes some hundred microseconds.
  func verified(_ text: String, now: Int64) -> Result<VerifiedToken, TokenRefusal> {
    do throws(TokenRefusal) {
      let token = try ParsedToken(text)
      let isOwn = token.keyName == TokenIssuer.name
      try checkSignature(of: token, isOwn ? [ownKey] : foreignKeys(named: token.keyName))
      return .success(try verified(token, isOwn: isOwn, now: now))
    } catch {
      return .failure(error)
    }
  }

  /// The keys of others. A key has one algorithm: what the token says cannot make a public key a secret.
  private func foreignKeys(named name: String?) -> [Key] {
    let listed = source?.keys.keys(named: name) ?? []
    guard let secretKey, name == nil || listed.isEmpty else { return listed }
    return listed + [secretKey]
  }

  private func checkSignature(of token: ParsedToken, _ keys: [Key]) throws(TokenRefusal) {
    let fitting = keys.filter { $0.algorithm == token.algorithm }
    guard !fitting.isEmpty else {
      // A key that the set does not have may be one that it has by now.
      throw token.algorithm == .hs256 || keys.contains { $0.algorithm != .hs256 } ? .wrongAlgorithm : .unknownKey
    }
    guard fitting.contains(where: { $0.isValid(token.signature, of: token.signed) }) else { throw .wrongSignature }
  }

  private func verified(_ token: ParsedToken, isOwn: Bool, now: Int64) throws(TokenRefusal) -> VerifiedToken {
    let skew = clockSkew
    guard let expiry = try token.time("exp") else { throw .noExpiry }
    guard now < expiry + skew else { throw .expired }
    let issued = try token.time("iat")
    guard now >= (try token.time("nbf") ?? 0) - skew, now >= (issued ?? 0) - skew else { throw .notYetValid }
    try checkOrigin(of: token, isOwn)
    guard let subject = token.claims["sub"]?.string.flatMap(Subject.init) else { throw .noSubject }
    let ids = ["jti", "parent"].compactMap { $0 == "parent" && !isOwn ? nil : token.claims[$0]?.string }
    let isForConnections = isOwn && token.claims["use"]?.string == TokenIssuer.connectionUse
    let until = isForConnections ? try token.time("until") : nil
    return VerifiedToken(
      credential: Credential(subject: subject, tokenIDs: ids, issuedAt: issued ?? 0), expiresAt: expiry,
      connectionsUntil: until ?? expiry, isForConnections: isForConnections)
  }

  private func checkOrigin(of token: ParsedToken, _ isOwn: Bool) throws(TokenRefusal) {
    guard !isOwn else {
      guard token.claims["iss"] == .string(TokenIssuer.name) else { throw .wrongIssuer }
      return
    }
    if let issuer = configuration.issuer, token.claims["iss"] != .string(issuer) { throw .wrongIssuer }
    let audiences = token.claims["aud"].map { $0.array ?? [$0] }
    if let audience = configuration.audience {
      guard let audiences, audiences.contains(.string(audience)) else { throw .wrongAudience }
    } else {
      guard audiences == nil else { throw .wrongAudience }
    }
  }
}
