/// Why a request is refused before anybody looks at what it asks for. The connection is closed after the answer: what
/// follows on it cannot be trusted to be a request.
struct HTTPRefusal: Error, Equatable {
  let status: Int
  let text: String
  var headers: [String: String] = [:]

  var response: HTTPResponse {
    var response = HTTPResponse.text(status, text + "\n", headers: headers.map { (name: $0, value: $1) })
    response.closesConnection = true
    return response
  }
}

/// Cuts a connection's bytes into requests (RFC 9112), strictly: what could be read in two ways is refused.
///
/// Free of I/O. Holds no more than the limits allow plus what one call of `append` brought.
struct HTTPRequestParser {
  /// The limits of `ServerConfiguration`.
  struct Limits {
    var headBytes: Int
    var headerCount: Int
    var bodyBytes: Int
    /// Bodies of more bytes are announced before they are taken in.
    var judgedBodyBytes = Int.max
  }

  /// What can be said about the bytes so far.
  enum Progress {
    /// More bytes are needed. `expectsContinue`: the client waits for "100 Continue" before it sends the body (said once).
    case incomplete(expectsContinue: Bool)
    /// The head of a request with a large body, which follows when `next` is called again.
    case largeBody(HTTPMessage)
    case request(HTTPMessage)
  }

  private enum State {
    case head(scanned: Int, lineStart: Int)
    case announced(HTTPMessage, length: Int)
    case body(HTTPMessage, length: Int)
  }

  private let limits: Limits
  private let peer: Peer
  private var buffer: [UInt8] = []
  private var state = State.head(scanned: 0, lineStart: 0)
  private var hasSkippedEmptyLine = false

  init(limits: Limits, peer: Peer) {
    self.limits = limits
    self.peer = peer
  }

  /// Whether nothing of a further request has arrived.
  var isEmpty: Bool {
    if case .head = state { buffer.isEmpty } else { false }
  }

  /// Whether a request's head is complete and its body is not.
  var isInBody: Bool {
    switch state {
    case .head: false
    case .announced, .body: true
    }
  }

  /// What came behind the last request; the parser forgets it.
  mutating func takeSurplus() -> [UInt8] {
    defer { buffer = [] }
    return buffer
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    buffer.append(contentsOf: bytes)
  }

  /// The next complete request. O(bytes that were not looked at yet).
  mutating func next() throws(HTTPRefusal) -> Progress {
    var expectsContinue = false
    if case .head = state {
      guard let end = try endOfHead() else { return .incomplete(expectsContinue: false) }
      let message = try HTTPMessage(head: buffer[..<end], limits: limits, peer: peer)
      buffer.removeSubrange(..<end)
      let length = message.contentLength
      guard length <= limits.judgedBodyBytes else {
        state = .announced(message, length: length)
        return .largeBody(message)
      }
      state = .body(message, length: length)
      expectsContinue = message.expectsContinue && buffer.count < length
    } else if case .announced(let message, let length) = state {
      state = .body(message, length: length)
      expectsContinue = message.expectsContinue && buffer.count < length
    }
    guard case .body(var message, let length) = state, buffer.count >= length else {
      return .incomplete(expectsContinue: expectsContinue)
    }
    message.request.body = Array(buffer[..<length])
    buffer.removeSubrange(..<length)
    state = .head(scanned: 0, lineStart: 0)
    hasSkippedEmptyLine = false
    return .request(message)
  }

  /// The index behind the empty line that ends the head; nil while it is not there.
  private mutating func endOfHead() throws(HTTPRefusal) -> Int? {
    guard case .head(var scanned, var lineStart) = state else { return nil }
    // One empty line ahead of a request is tolerated (RFC 9112, 2.2).
    if scanned == 0, !hasSkippedEmptyLine, buffer.first == 0x0D {
      guard buffer.count > 1 else { return nil }
      if buffer[1] == 0x0A {
        buffer.removeFirst(2)
        hasSkippedEmptyLine = true
      }
    }
    while scanned < min(buffer.count, limits.headBytes) {
      defer { scanned += 1 }
      guard buffer[scanned] == 0x0A else { continue }
      guard scanned > lineStart, buffer[scanned - 1] == 0x0D else {
        throw HTTPRefusal(status: 400, text: "A line of the request does not end with CR LF.")
      }
      if scanned - 1 == lineStart { return scanned + 1 }
      lineStart = scanned + 1
    }
    guard buffer.count <= limits.headBytes else {
      throw HTTPRefusal(status: 431, text: "Request line and headers exceed \(limits.headBytes) bytes.")
    }
    state = .head(scanned: scanned, lineStart: lineStart)
    return nil
  }
}
