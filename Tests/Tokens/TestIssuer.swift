import JWTKit
import Workflow

@testable import Tokens

/// An identity provider as attackers and honest ones are.
struct TestIssuer {
  /// What it says and signs with by default.
  var algorithm = SignatureAlgorithm.hs256
  var keyName: String?

  static let now: Int64 = 1_800_000_000_000
  static let honest: [String: JSONValue] = [
    "sub": "ada", "aud": "heddle-tests", "iss": "https://id.example.com", "iat": 1_799_999_999, "exp": 1_800_000_060,
    "jti": "one",
  ]

  /// A token with some claims changed, or left out where they are null, and other things in its header.
  func token(
    _ changes: [String: JSONValue] = [:], header more: [String: JSONValue] = [:],
    signedAs key: SignatureAlgorithm? = nil
  ) async throws -> String {
    var claims = Self.honest
    for (name, value) in changes { claims.updateValue(value, forKey: name) }
    claims = claims.filter { !$0.value.isNull }
    var header: [String: JSONValue] = ["alg": .string(algorithm.rawValue), "typ": "JWT"]
    header["kid"] = keyName.map(JSONValue.string)
    for (name, value) in more { header[name] = value }
    let parts = [JSONValue.object(header), .object(claims)].map { Base64.url.encode($0.serialized()) }
    let signed = parts.joined(separator: ".")
    let signature = try await Self.signer(key ?? algorithm).sign(Array(signed.utf8))
    return "\(signed).\(Base64.url.encode(signature))"
  }

  private static func signer(_ algorithm: SignatureAlgorithm) async throws -> any JWTAlgorithm {
    let keys = JWTKeyCollection()
    let json = try JSONValue(parsing: Vectors.keySet)["keys"]?.array ?? []
    switch algorithm {
    case .hs256: await keys.add(hmac: HMACKey(from: Vectors.secret), digestAlgorithm: .sha256)
    case .rs256:
      await keys.add(
        rsa: try Insecure.RSA.PrivateKey(
          modulus: json[0]["n"]?.string ?? "", exponent: "AQAB", privateExponent: Vectors.rsaD, prime1: Vectors.rsaP,
          prime2: Vectors.rsaQ),
        digestAlgorithm: .sha256)
    case .es256: await keys.add(ecdsa: try ES256PrivateKey(key: Vectors.ecD))
    case .edDSA: await keys.add(eddsa: try EdDSA.PrivateKey(d: Vectors.edD, curve: .ed25519))
    }
    return try await keys.getKey()
  }
}
