import Workflow

@testable import Gateway

extension FuzzTarget {
  static func runHTTPHead(_ bytes: [UInt8]) throws(Finding) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var head = Array("GET ".utf8) + (lines.first ?? []) + Array(" HTTP/1.1\r\nHost: x\r\n".utf8)
    for line in lines.dropFirst() where !line.isEmpty { head += line + [0x0D, 0x0A] }
    head += [0x0D, 0x0A]
    let limits = HTTPRequestParser.Limits(headBytes: 1 << 16, headerCount: 128, bodyBytes: 0)
    guard let message = try? HTTPMessage(head: head[...], limits: limits, peer: .fuzzed) else { return }
    try checkMeaning(of: message.request)
  }

  /// Reads of a request what the server reads.
  static func checkMeaning(of request: HTTPRequest) throws(Finding) {
    for segment in request.segments {
      try require(!segment.isEmpty && segment != "." && segment != "..", "a segment is '\(segment)'")
      try require(!segment.utf8.contains(0), "a segment has a NUL")
    }
    if let name = DocumentName(request.segments.dropFirst().joined(separator: "/")) {
      try require(DocumentName("\(name)") == name, "\(name) is not read as it is written")
    }
    if let token = request.token { try require(!token.contains("\n"), "a token of two lines") }
    for subprotocol in request.subprotocols { try require(!subprotocol.contains(","), "a subprotocol has a comma") }
    _ = request.mediaType
    try checkConditions(of: request)
    try checkOrigin(of: request)
    for header in ProxyTrust.Header.allCases { try checkSender(of: request, header) }
  }

  private static func checkConditions(of request: HTTPRequest) throws(Finding) {
    for header in ["if-match", "if-none-match"] {
      guard case .tags(let tags) = request.condition(header) else { continue }
      try require(!tags.isEmpty, "a list of no tags")
      for tag in tags {
        guard let version = DocumentVersion(tag.opaque) else { continue }
        try require(DocumentVersion("\(version)") == version, "\(version) is not read as it is written")
      }
    }
  }

  private static func checkOrigin(of request: HTTPRequest) throws(Finding) {
    let origins = request.values(of: "origin")
    let allowed = "https://editor.example.com"
    let isAllowed = OriginPolicy.only([allowed]).allows(request)
    try require(isAllowed == origins.allSatisfy { $0.lowercased() == allowed }, "another origin is allowed")
    for origin in origins { _ = OriginPolicy.isOrigin(origin) }
  }

  /// What a client itself writes into the header changes nothing about who it is taken for.
  private static func checkSender(of request: HTTPRequest, _ header: ProxyTrust.Header) throws(Finding) {
    var trust = ProxyTrust()
    trust.header = header
    trust.proxies = ["10.0.0.0/8", "2001:db8::/32"].compactMap { AddressRange($0) } + AddressRange.loopback
    let stranger = Peer(socket: NetworkAddress(high: 0, low: 0xFFFF_C000_0201), port: 1)
    try require(trust.sender(of: request, from: stranger) == stranger, "a stranger is believed to be a proxy")
    let sender = trust.sender(of: request, from: .fuzzed)
    try require(NetworkAddress("\(sender.address)") == sender.address, "\(sender.address) is not read as it is written")
    try checkProxy(of: request, trust)
    guard !trust.isTrusted(sender.address) else { return }
    let claim = header == .forwarded ? "for=203.0.113.7;proto=https, for=10.9.9.9" : "203.0.113.7, 10.9.9.9"
    let forged = request.with([(name: header.rawValue, value: claim)] + request.headers)
    try require(trust.sender(of: forged, from: .fuzzed) == sender, "a client says itself who it is")
  }

  /// Whom a proxy names behind all that a client has written into the header, that is who it is.
  private static func checkProxy(of request: HTTPRequest, _ trust: ProxyTrust) throws(Finding) {
    var headers = request.headers
    let said = trust.header == .forwarded ? "for=198.51.100.5" : "198.51.100.5"
    if let last = headers.lastIndex(where: { $0.name == trust.header.rawValue }) {
      headers[last].value += ", " + said
    } else {
      headers.append((name: trust.header.rawValue, value: said))
    }
    let sender = trust.sender(of: request.with(headers), from: .fuzzed)
    try require(sender.address == NetworkAddress("198.51.100.5"), "a proxy names a client, and \(sender) is believed")
  }
}

extension HTTPRequest {
  fileprivate func with(_ headers: [(name: String, value: String)]) -> HTTPRequest {
    HTTPRequest(
      method: method, rawPath: rawPath, segments: segments, query: query, headers: headers, body: body, peer: peer)
  }
}
