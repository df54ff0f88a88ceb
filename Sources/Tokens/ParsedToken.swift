import Workflow

/// The parts of a token whose signature was not looked at yet.
struct ParsedToken: Sendable {
  let algorithm: SignatureAlgorithm
  let keyName: String?
  let claims: [String: JSONValue]
  /// What is signed.
  let signed: [UInt8]
  let signature: [UInt8]

  private static let maximumDepth = 16

  init(_ text: String) throws(TokenRefusal) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let signature = Base64.url.decode(parts[2]) else { throw .malformed }
    let header = try Self.object(parts[0])
    // Extensions that must be understood: none are.
    guard header["crit"] == nil, let algorithm = header["alg"]?.string else { throw .malformed }
    guard let known = SignatureAlgorithm(rawValue: algorithm) else { throw .wrongAlgorithm }
    self.algorithm = known
    keyName = header["kid"]?.string
    claims = try Self.object(parts[1])
    signed = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
    self.signature = signature
  }

  private static func object(_ part: Substring.UTF8View.SubSequence) throws(TokenRefusal) -> [String: JSONValue] {
    guard let bytes = Base64.url.decode(part),
      let object = (try? JSONValue(parsing: bytes, maximumDepth: maximumDepth))?.object
    else { throw .malformed }
    return object
  }

  /// A time among the claims, in milliseconds since 1970; nil where it is not there.
  func time(_ name: String) throws(TokenRefusal) -> Int64? {
    guard let claim = claims[name] else { return nil }
    guard case .number(let seconds) = claim, seconds >= 0, seconds < 1e11 else { throw .malformed }
    return Int64((seconds * 1000).rounded(.down))
  }
}
