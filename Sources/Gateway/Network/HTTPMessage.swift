/// A request with what the connection needs to know about it.
struct HTTPMessage {
  var request: HTTPRequest
  let contentLength: Int
  let expectsContinue: Bool
  /// Whether the connection may stay open afterwards.
  let keepsAlive: Bool
  /// The Sec-WebSocket-Key, when this is a websocket handshake.
  let webSocketKey: String?

  /// Reads a head that ends with an empty line; all lines end with CR LF.
  init(head: ArraySlice<UInt8>, limits: HTTPRequestParser.Limits, peer: Peer) throws(HTTPRefusal) {
    var lines = HeadLines(head)
    guard let requestLine = lines.next() else { throw HTTPRefusal(status: 400, text: "The request is empty.") }
    let (method, target, isHTTP11) = try Self.requestLine(requestLine)
    let (rawPath, rawQuery) = try RequestTarget.split(target)
    let headers = try Self.headers(&lines, maximum: limits.headerCount)
    request = HTTPRequest(
      method: method, rawPath: rawPath, segments: try RequestTarget.segments(ofPath: rawPath),
      query: try RequestTarget.query(rawQuery), headers: headers, body: [], peer: peer)

    if isHTTP11, request.values(of: "host").count != 1 {
      throw HTTPRefusal(status: 400, text: "A request has exactly one Host header.")
    }
    contentLength = try Self.contentLength(request, limit: limits.bodyBytes)
    expectsContinue = isHTTP11 && request.tokens(of: "expect").contains("100-continue")
    keepsAlive = isHTTP11 && !request.tokens(of: "connection").contains("close")
    webSocketKey = try isHTTP11 ? Self.webSocketKey(request, contentLength: contentLength) : nil
  }

  private static func requestLine(
    _ line: ArraySlice<UInt8>
  ) throws(HTTPRefusal) -> (method: String, target: String, isHTTP11: Bool) {
    let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[0].count <= 32, parts[0].allSatisfy(\.isHTTPToken),
      parts[1].allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw HTTPRefusal(status: 400, text: "The request line is not \"METHOD target HTTP/1.1\".") }
    let version = String(decoding: parts[2], as: UTF8.self)
    guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
      let isOtherVersion = version.hasPrefix("HTTP/")
      throw HTTPRefusal(status: isOtherVersion ? 505 : 400, text: "This server speaks HTTP/1.1.")
    }
    let method = String(decoding: parts[0], as: UTF8.self)
    return (method, String(decoding: parts[1], as: UTF8.self), version == "HTTP/1.1")
  }

  private static func headers(
    _ lines: inout HeadLines, maximum: Int
  ) throws(HTTPRefusal) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    while let line = lines.next() {
      guard headers.count < maximum else {
        throw HTTPRefusal(status: 431, text: "A request has at most \(maximum) headers.")
      }
      guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex, line[..<colon].allSatisfy(\.isHTTPToken)
      else { throw HTTPRefusal(status: 400, text: "A header is not \"name: value\".") }
      let value = line[(colon + 1)...].trimmingBlanks
      guard value.allSatisfy(\.isHTTPFieldContent), let text = String(validating: value, as: UTF8.self) else {
        throw HTTPRefusal(status: 400, text: "A header's value contains control characters or is not UTF-8.")
      }
      headers.append((name: String(decoding: line[..<colon], as: UTF8.self).lowercased(), value: text))
    }
    return headers
  }

  private static func contentLength(_ request: HTTPRequest, limit: Int) throws(HTTPRefusal) -> Int {
    if request.header("transfer-encoding") != nil {
      throw HTTPRefusal(status: 411, text: "Send the body with a Content-Length; transfer codings are not taken.")
    }
    let values = request.values(of: "content-length")
    guard let value = values.first else { return 0 }
    guard values.count == 1, !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw HTTPRefusal(status: 400, text: "Content-Length is not one number.")
    }
    guard let length = Int(value), length <= limit else {
      throw HTTPRefusal(status: 413, text: "A body has at most \(limit) bytes.")
    }
    return length
  }

  /// An upgrade to anything else than "websocket" is ignored, as HTTP allows: it is the ordinary request that it also is.
  private static func webSocketKey(_ request: HTTPRequest, contentLength: Int) throws(HTTPRefusal) -> String? {
    guard request.tokens(of: "upgrade").contains("websocket") else { return nil }
    guard request.method == "GET", contentLength == 0, request.tokens(of: "connection").contains("upgrade") else {
      throw HTTPRefusal(status: 400, text: "A websocket begins with GET, \"Connection: Upgrade\" and no body.")
    }
    guard request.values(of: "sec-websocket-version") == ["13"] else {
      throw HTTPRefusal(
        status: 426, text: "This server speaks websocket version 13.",
        headers: ["sec-websocket-version": "13", "upgrade": "websocket"])
    }
    let keys = request.values(of: "sec-websocket-key")
    // 16 bytes in base64: the library below gets the key, so nothing else may pass.
    guard keys.count == 1, keys[0].utf8.count == 24, keys[0].hasSuffix("=="),
      keys[0].utf8.dropLast(2).allSatisfy(\.isBase64)
    else { throw HTTPRefusal(status: 400, text: "Sec-WebSocket-Key is not 16 bytes in base64.") }
    return keys[0]
  }
}

extension HTTPRequest {
  /// All values of a header; `name` in lower case.
  func values(of name: String) -> [String] {
    headers.compactMap { $0.name == name ? $0.value : nil }
  }

  /// The elements of a header that is a comma-separated list, in lower case.
  func tokens(of name: String) -> [String] {
    values(of: name).flatMap { value in
      // By bytes, as proxies go that append to it: a comma can be part of a character.
      Array(value.utf8).split(separator: UInt8(ascii: ",")).map {
        String(decoding: $0.trimmingBlanks, as: UTF8.self).lowercased()
      }
    }
  }
}

/// The lines of a head without their CR LF, up to the empty one.
private struct HeadLines {
  private var rest: ArraySlice<UInt8>

  init(_ head: ArraySlice<UInt8>) {
    rest = head
  }

  mutating func next() -> ArraySlice<UInt8>? {
    guard let end = rest.firstIndex(of: 0x0A) else { return nil }
    let line = rest[..<(end - 1)]
    rest = rest[(end + 1)...]
    return line.isEmpty ? nil : line
  }
}

extension ArraySlice<UInt8> {
  fileprivate var trimmingBlanks: ArraySlice<UInt8> {
    var trimmed = drop { $0 == 0x20 || $0 == 0x09 }
    while let last = trimmed.last, last == 0x20 || last == 0x09 { trimmed.removeLast() }
    return trimmed
  }
}

extension UInt8 {
  private var isLetterOrDigit: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }

  /// tchar of RFC 9110.
  fileprivate var isHTTPToken: Bool {
    isLetterOrDigit || "!#$%&'*+-.^_`|~".utf8.contains(self)
  }

  fileprivate var isHTTPFieldContent: Bool {
    self == 0x09 || (self >= 0x20 && self != 0x7F)
  }

  fileprivate var isBase64: Bool {
    isLetterOrDigit || self == 0x2B || self == 0x2F
  }
}
