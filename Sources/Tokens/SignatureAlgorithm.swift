/// How a token may be signed. "none" is not among them.
public enum SignatureAlgorithm: String, Hashable, Sendable, CaseIterable {
  case hs256 = "HS256"
  case es256 = "ES256"
  case rs256 = "RS256"
  case edDSA = "EdDSA"
}
