/// From which web pages the server may be used. Browsers say in `Origin` which page they act for; other clients say nothing.
public enum OriginPolicy: Hashable, Sendable {
  case any
  /// From these, in the form in which browsers write them: `https://editor.example.com`.
  case only(Set<String>)

  func allows(_ request: HTTPRequest) -> Bool {
    switch self {
    case .any: true
    case .only(let allowed): request.values(of: "origin").allSatisfy { allowed.contains($0.lowercased()) }
    }
  }
}

extension OriginPolicy {
  /// Whether a text is an origin as browsers write it: scheme, host, and a port that is not the scheme's own.
  public static func isOrigin(_ text: String) -> Bool {
    guard let scheme = text.firstRange(of: "://"), ["http", "https"].contains(text[..<scheme.lowerBound]) else {
      return false
    }
    let authority = text[scheme.upperBound...]
    let port = authority.lastIndex(of: ":").map { authority[$0...] }
    if [":80": "http", ":443": "https"][port ?? ""] == String(text[..<scheme.lowerBound]) { return false }
    return !authority.isEmpty && text == text.lowercased() && !authority.contains { "/?#@ ".contains($0) }
  }
}
