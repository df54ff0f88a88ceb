import JWTKit
import Workflow

/// A key for signatures of one algorithm.
struct Key: Sendable {
  let algorithm: SignatureAlgorithm
  private let implementation: any JWTAlgorithm

  /// Below that, RSA is no protection.
  private static let leastModulusBytes = 256

  /// A shared secret.
  init(secret: [UInt8]) throws {
    algorithm = .hs256
    implementation = try waiting {
      let keys = JWTKeyCollection()
      await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
      return try await keys.getKey()
    }
  }

  /// A public key as key sets have it; nil for one that signs no tokens, or in a way that is not taken here. Secrets are no
  /// part of key sets, which are public.
  init?(_ json: JSONValue) throws {
    guard json["use"]?.string ?? "sig" == "sig", let (algorithm, key) = try Self.publicKey(json) else { return nil }
    guard json["alg"]?.string ?? algorithm.rawValue == algorithm.rawValue else { return nil }
    self.algorithm = algorithm
    implementation = try waiting {
      let keys = JWTKeyCollection()
      try await keys.add(jwk: key)
      return try await keys.getKey()
    }
  }

  private static func publicKey(_ json: JSONValue) throws -> (SignatureAlgorithm, JWK)? {
    switch (json["kty"]?.string, json["crv"]?.string) {
    case ("RSA", _):
      guard let modulus = json["n"]?.string, let exponent = json["e"]?.string else { return nil }
      let bytes = Base64.url.decode(modulus.utf8)?.drop { $0 == 0 } ?? []
      guard bytes.count >= leastModulusBytes else { throw KeySetError("an RSA key has less than 2048 bits") }
      return (.rs256, .rsa(.rs256, identifier: "key", modulus: modulus, exponent: exponent))
    case ("EC", "P-256"):
      return (.es256, .ecdsa(.es256, identifier: "key", x: json["x"]?.string, y: json["y"]?.string, curve: .p256))
    case ("OKP", "Ed25519"):
      return (.edDSA, .octetKeyPair(.eddsa, identifier: "key", x: json["x"]?.string, y: nil, curve: .ed25519))
    default: return nil
    }
  }

  func isValid(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
    (try? implementation.verify(signature, signs: bytes)) ?? false
  }

  /// The signature of a secret.
  func signature(of bytes: [UInt8]) throws -> [UInt8] {
    try implementation.sign(bytes)
  }
}
