import Workflow

@testable import Tokens

extension FuzzTarget {
  static func runToken(_ bytes: [UInt8]) throws(Finding) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    let token: ParsedToken
    do {
      token = try ParsedToken(text)
    } catch {
      let isSaid = error == .malformed || error == .wrongAlgorithm
      return try require(
        isSaid && !"\(error)".isEmpty, "a token is refused as \(error) before its claims are looked at")
    }
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    try require(Array(parts[0]) + [UInt8(ascii: ".")] + parts[1] == token.signed, "something else is signed")
    // Of one signature there is one text, so that a token cannot be spelled in two ways.
    try require(Array(parts[2]) == Array(Base64.url.encode(token.signature).utf8), "a signature has two texts")
    for claim in token.claims.keys { _ = try? token.time(claim) }
  }
}
