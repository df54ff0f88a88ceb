import TestSupport
import Testing

@testable import Gateway

@Suite("HTTP requests are cut out of a connection's bytes")
struct HTTPRequestParserTests {
  static let limits = HTTPRequestParser.Limits(headBytes: 1024, headerCount: 8, bodyBytes: 100)
  static let handshake = """
    GET /collab/a HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
    """

  /// All requests in the text, or how it is refused, and what is left over.
  func parse(_ text: String, pieces: [Int] = []) -> (messages: [HTTPMessage], status: Int?) {
    var parser = HTTPRequestParser(limits: Self.limits, peer: .test)
    var messages: [HTTPMessage] = []
    var rest = Array(text.utf8)[...]
    var pieces = pieces[...]
    while !rest.isEmpty {
      let count = pieces.popFirst() ?? rest.count
      Array(rest.prefix(count)).withUnsafeBytes { parser.append($0) }
      rest = rest.dropFirst(count)
      do throws(HTTPRefusal) {
        while case .request(let message) = try parser.next() { messages.append(message) }
      } catch {
        return (messages, error.status)
      }
    }
    return (messages, nil)
  }

  @Test("A request is read whole: method, path, query, headers, body")
  func request() throws {
    let (messages, status) = parse(
      "POST /a%20b/c?x=1&y=%26+z&flag HTTP/1.1\r\nHost: here\r\nX-Thing:  two words \t\r\ncontent-length: 5\r\n\r\nhello"
    )
    #expect(status == nil)
    let request = try #require(messages.first).request
    #expect(request.method == "POST")
    #expect(request.rawPath == "/a%20b/c")
    #expect(request.segments == ["a b", "c"])
    #expect(request.query.map(\.name) == ["x", "y", "flag"])
    #expect(request.query.map(\.value) == ["1", "& z", ""])
    #expect(request.header("x-thing") == "two words")
    #expect(request.body == Array("hello".utf8))
  }

  @Test("Requests behind each other are read one by one, however the bytes arrive")
  func pieces() {
    let text =
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
      + "\r\nDELETE /3 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    for seed: UInt64 in 0..<200 {
      var random = SeededGenerator(seed: seed)
      let cuts = (0..<200).map { _ in Int.random(in: 1...9, using: &random) }
      let (messages, status) = parse(text, pieces: cuts)
      #expect(status == nil, "seed \(seed)")
      #expect(messages.map(\.request.rawPath) == ["/1", "/2", "/3"], "seed \(seed)")
      #expect(messages.map(\.request.body.count) == [0, 3, 0], "seed \(seed)")
    }
  }

  @Test(
    "What could be read in two ways is refused",
    arguments: [
      ("GET / HTTP/1.1\nHost: x\n\n", 400),
      ("GET / HTTP/1.1\r\nHost: x\n\r\n", 400),
      ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400),
      (" GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("G\u{1}T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET /#a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET /é HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET /\u{0} HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET /%4 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET /a/%2e%2E/b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET /?a=%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: x\r\nA\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: x\r\nA: \u{0}\r\n\r\n", 400),
      ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
      ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\na", 400),
      ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na", 400),
      ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\na", 400),
      ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n", 400),
      ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
      ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: identity\r\n\r\na", 411),
      ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n", 413),
      ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413),
      ("GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 2000))", 431),
      ("GET / HTTP/1.1\r\nHost: x\r\n\((0..<9).map { "A\($0): b\r\n" }.joined())\r\n", 431),
      ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
      ("GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505),
      ("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("GET / ICY\r\nHost: x\r\n\r\n", 400),
    ])
  func refusals(text: String, status: Int) {
    let (messages, actual) = parse(text)
    #expect(actual == status)
    #expect(messages.isEmpty)
    #expect(parse(text, pieces: [Int](repeating: 1, count: text.utf8.count)).status == status, "byte by byte")
  }

  @Test(
    "Forms that HTTP allows are taken",
    arguments: [
      "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "GET http://x/a?b HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET HTTP://x:1/ HTTP/1.1\r\nHost: x\r\n\r\n",
      "PATCH /a HTTP/1.1\r\nhOsT:x\r\n\r\n", "GET /a//b/ HTTP/1.1\r\nHost: x\r\nA:\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nA: \u{E9}\r\n\r\n",
    ])
  func tolerated(text: String) {
    let (messages, status) = parse(text)
    #expect(status == nil)
    #expect(messages.count == 1)
  }

  @Test(
    "A connection stays open unless somebody says otherwise",
    arguments: [
      ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false), ("HTTP/1.0", "", false),
      ("HTTP/1.1", "Connection: foo, Close\r\n", false), ("HTTP/1.1", "Connection: keep-alive\r\n", true),
    ])
  func keepAlive(version: String, header: String, keeps: Bool) throws {
    let (messages, _) = parse("GET / \(version)\r\nHost: x\r\n\(header)\r\n")
    #expect(try #require(messages.first).keepsAlive == keeps)
  }

  @Test("A websocket handshake is recognised")
  func handshake() throws {
    #expect(try #require(parse(Self.handshake).messages.first).webSocketKey == "dGhlIHNhbXBsZSBub25jZQ==")
  }

  @Test(
    "A wrong websocket handshake is refused",
    arguments: [
      ("Version: 13", "Version: 8", 426), ("Version: 13", "Version: 13, 8", 426),
      ("Sec-WebSocket-Version: 13\r\n", "", 426), ("GET", "POST", 400), ("keep-alive, Upgrade", "keep-alive", 400),
      ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400), ("bXBsZSBub25jZQ==", "", 400),
      ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZ%%==", 400),
      ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQdGhlIHNhbXBsZSBub25jZQ==", 400),
    ])
  func wrongHandshake(part: String, replacement: String, status: Int) {
    #expect(parse(Self.handshake.replacing(part, with: replacement)).status == status)
  }

  @Test("An upgrade to anything else is an ordinary request", arguments: ["h2c", "anything", "TLS/1.3, h2c"])
  func otherUpgrade(name: String) throws {
    let message = try #require(
      parse(Self.handshake.replacing("Upgrade: WebSocket", with: "Upgrade: \(name)")).messages.first)
    #expect(message.webSocketKey == nil)
    #expect(message.keepsAlive)
  }

  @Test("No bytes stop the parser, and how they are cut changes nothing")
  func mutations() {
    let corpus = [
      Self.handshake,
      "POST /a?b=%41 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ].map { Array($0.utf8) }
    for seed: UInt64 in 0..<3000 {
      var random = SeededGenerator(seed: seed)
      var bytes = corpus[Int.random(in: 0..<corpus.count, using: &random)]
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.insert("\r\n :%/?=&,\u{0}".utf8.randomElement(using: &random) ?? 0, at: index)
        default: bytes.remove(at: index)
        }
      }
      let whole = outcome(bytes, pieces: [])
      let cuts = (0..<bytes.count).map { _ in Int.random(in: 1...5, using: &random) }
      #expect(outcome(bytes, pieces: cuts) == whole, "seed \(seed)")
    }
  }

  private func outcome(_ bytes: [UInt8], pieces: [Int]) -> String {
    var parser = HTTPRequestParser(limits: Self.limits, peer: .test)
    var rest = bytes[...]
    var pieces = pieces[...]
    var text = ""
    while !rest.isEmpty {
      let count = pieces.popFirst() ?? rest.count
      Array(rest.prefix(count)).withUnsafeBytes { parser.append($0) }
      rest = rest.dropFirst(count)
      do throws(HTTPRefusal) {
        while case .request(let message) = try parser.next() { text += "\(message.request) " }
      } catch {
        return text + "\(error.status)"
      }
    }
    return text
  }
}
