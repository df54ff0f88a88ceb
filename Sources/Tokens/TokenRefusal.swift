/// Why a token is not taken. Says nothing of what is in it.
public enum TokenRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  case malformed
  /// Its algorithm is none of ours, or not that of its key.
  case wrongAlgorithm
  /// It is signed with a key that is not known.
  case unknownKey
  case wrongSignature
  case expired
  case notYetValid
  /// It would never expire.
  case noExpiry
  case wrongAudience
  case wrongIssuer
  case noSubject

  public var description: String {
    switch self {
    case .malformed: "the token is no JSON web token"
    case .wrongAlgorithm:
      "the token is not signed with the algorithm of its key, which is one of "
        + SignatureAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
    case .unknownKey: "the token is signed with a key that is not known here"
    case .wrongSignature: "the token's signature is wrong"
    case .expired: "the token has expired"
    case .notYetValid: "the token is not valid yet"
    case .noExpiry: "the token has no time of expiry (exp)"
    case .wrongAudience: "the token is for another audience (aud)"
    case .wrongIssuer: "the token is from another issuer (iss)"
    case .noSubject: "the token does not say whose it is (sub)"
    }
  }
}
