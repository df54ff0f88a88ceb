import Workflow

/// A token that a server issued.
public struct IssuedToken: Hashable, Sendable {
  public var text: String
  /// By which it can be taken back: its `jti`.
  public var id: String
  /// In milliseconds since 1970.
  public var expiresAt: Int64
}

/// Makes the tokens of our own: signed with a secret that all servers of a database share.
public struct TokenIssuer: Sendable {
  /// What they have as `iss`, and their key as `kid`.
  public static let name = "heddle"

  let key: Key

  public init(secret: [UInt8]) throws {
    key = try Key(secret: secret)
  }

  /// A token for somebody. `now` is in milliseconds since 1970.
  public func issue(to subject: Subject, id: String, lifetime: Duration, now: Int64) throws -> IssuedToken {
    try issue(subject, id: id, until: now + lifetime.milliseconds, now: now, [:])
  }

  /// A token for opening connections, on the strength of another one, which must not be one of these itself. Connections last
  /// as long as that one does.
  public func issueConnectionToken(
    for token: VerifiedToken, id: String, lifetime: Duration, now: Int64
  ) throws -> IssuedToken {
    var more: [String: JSONValue] = ["use": .string(Self.connectionUse), "until": Self.seconds(token.connectionsUntil)]
    more["parent"] = token.credential.tokenIDs.first.map(JSONValue.string)
    let expiry = min(now + lifetime.milliseconds, token.expiresAt)
    return try issue(token.credential.subject, id: id, until: expiry, now: now, more)
  }

  static let connectionUse = "connection"

  private func issue(
    _ subject: Subject, id: String, until expiry: Int64, now: Int64, _ more: [String: JSONValue]
  ) throws -> IssuedToken {
    let claims: [String: JSONValue] = [
      "iss": .string(Self.name), "sub": .string(subject.text), "jti": .string(id), "iat": Self.seconds(now),
      "exp": Self.seconds(expiry),
    ]
    let header: JSONValue = ["alg": "HS256", "typ": "JWT", "kid": .string(Self.name)]
    let parts = [header, .object(claims.merging(more) { $1 })].map { Base64.url.encode($0.serialized()) }
    let signed = parts.joined(separator: ".")
    let signature = try key.signature(of: Array(signed.utf8))
    return IssuedToken(text: "\(signed).\(Base64.url.encode(signature))", id: id, expiresAt: expiry)
  }

  private static func seconds(_ milliseconds: Int64) -> JSONValue { .number(Double(milliseconds) / 1000) }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
