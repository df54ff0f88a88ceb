import TestSupport
import Testing

@testable import Gateway

@Suite("HTTP over sockets", .serialized, .timeLimit(.minutes(1)))
struct HTTPServerTests {
  static let uuid = "0b2b9c4e-6f5a-4c7e-9d0a-3f1f7c1d2e3f"

  @Test("A connection serves one request after the other")
  func keepAlive() throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    for number in 0..<3 {
      let response = try client.get("/a/\(number)?q=\(number)")
      #expect(response.status == 200)
      #expect(response.text == "GET|a|\(number)|q=\(number)|0")
      #expect(response.headers["connection"] == nil)
      #expect(response.headers["date"]?.hasSuffix(" GMT") == true)
    }
    #expect(try server.statistics().accepted == 1)
  }

  @Test(
    "Document names reach the handler with their colons, encoded or not",
    arguments: [
      "/collab/workflow:\(uuid):v3", "/collab/workflow%3A\(uuid)%3Av3", "/collab/workflow%3a\(uuid):v3",
    ])
  func documentNames(target: String) throws {
    let server = try TestServer()
    #expect(try TestSocket(port: server.port).get(target).text == "GET|collab|workflow:\(Self.uuid):v3||0")
    _ = try TestWebSocket(port: server.port, target: target)
    try server.log.wait(for: .opened(path: ["collab", "workflow:\(Self.uuid):v3"]))
  }

  @Test("Pipelined requests are answered in order, also when the first answer comes late")
  func pipelined() throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    let later = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
    let post = "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
    try client.send(later + post + later + "GET /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    #expect(try client.readResponse().text == "later")
    #expect(try client.readResponse().text == "POST|b||4")
    #expect(try client.readResponse().text == "later")
    let last = try client.readResponse()
    #expect(last.text == "GET|d||0")
    #expect(last.headers["connection"] == "close")
    #expect(try client.readToEnd().isEmpty)
  }

  @Test("Pipelined requests do not pile up answers for a client that reads none")
  func pipelinedBig() throws {
    let server = try TestServer { $0.writeTimeout = .seconds(60) }
    let client = try TestSocket(port: server.port, receiveBuffer: 65536)
    try client.send(String(repeating: "GET /big HTTP/1.1\r\nHost: x\r\n\r\n", count: 3))
    try server.log.wait(for: .request("GET", ["big"]))
    _ = try server.onLoop { $0.now }
    #expect(server.log.count(of: .request("GET", ["big"])) == 1)
    for _ in 0..<3 { #expect(try client.readResponse().body.count == 8 << 20) }
  }

  @Test("The answer to HEAD has no body")
  func head() throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    try client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
    let response = try client.readResponse(hasBody: false)
    #expect(response.status == 200)
    #expect(response.headers["content-length"] == "\("HEAD|a||0".utf8.count)")
    #expect(try client.get("/b").text == "GET|b||0")
  }

  @Test("A body may arrive in pieces, after the client was told to go on")
  func body() throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    try client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n")
    #expect(try client.readResponse().status == 100)
    for _ in 0..<100 { try client.send([UInt8](repeating: 65, count: 1000)) }
    #expect(try client.readResponse().text == "POST|a||100000")
  }

  @Test(
    "A refused request is answered and its connection closed, though the client goes on sending",
    arguments: [
      ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
      ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n", 413),
      ("GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 20_000))\r\n\r\n", 431),
      ("GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 200) + "\r\n", 431),
      ("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
      ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
      (
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n\r\n",
        426
      ),
    ])
  func refusals(request: String, status: Int) throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    try client.send(request)
    try client.send([UInt8](repeating: 65, count: 100_000))
    let response = try client.readResponse()
    #expect(response.status == status)
    #expect(response.headers["connection"] == "close")
    if status == 426 { #expect(response.headers["sec-websocket-version"] == "13") }
    client.finishSending()
    #expect(try client.readToEnd().isEmpty)
    #expect(server.log.all.isEmpty)
  }

  @Test("A refused client that never stops sending is cut")
  func endlessSender() throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    try client.send("PRI * HTTP/2.0\r\n\r\n")
    #expect(throws: TestSocket.Failure.self) {
      for _ in 0..<1000 { try client.send([UInt8](repeating: 65, count: 100_000)) }
    }
  }

  @Test("An upgrade to something else is answered as the request it is, and the connection goes on")
  func otherUpgrade() throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    for name in ["h2c", "anything", String(repeating: "x", count: 200)] {
      let response = try client.get(
        "/a", headers: ["Connection: Upgrade, HTTP2-Settings", "Upgrade: \(name)", "HTTP2-Settings: AAMAAABkAAQAAP__"])
      #expect(response.text == "GET|a||0")
    }
    #expect(try server.statistics().accepted == 1)
  }

  @Test("A websocket may be opened on a connection that served requests before")
  func upgradeAfterRequests() throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    #expect(try client.get("/a").status == 200)
    #expect(try client.get("/refused", headers: TestWebSocket.handshakeHeaders).status == 403)
    #expect(try client.get("/b").status == 200)
    try client.send(
      "GET /echo HTTP/1.1\r\nHost: x\r\n" + TestWebSocket.handshakeHeaders.joined(separator: "\r\n") + "\r\n\r\n")
    #expect(try client.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
    try client.send(TestWebSocket.bytes(.binary, [1, 2, 3]))
    #expect(try client.read(5) == [0x82, 3, 1, 2, 3])
  }

  @Test("An answer fits once, and not after its client has left")
  func exchanges() throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    try client.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
    let exchange = try server.log.unanswered()
    let other = HTTPExchange(connection: exchange.connection, number: exchange.number + 1)
    #expect(try server.onLoop { $0.respond(to: other, with: .text(200, "")) } == false)
    #expect(try server.onLoop { $0.respond(to: exchange, with: .text(200, "first")) })
    #expect(try server.onLoop { $0.respond(to: exchange, with: .text(200, "second")) } == false)
    #expect(try client.readResponse().text == "first")
    client.close()
    try until("the connection is gone") { (try? server.statistics().httpConnections) == 0 }
    let next = try TestSocket(port: server.port)
    #expect(try next.get("/a").status == 200)
    #expect(try server.onLoop { $0.respond(to: exchange, with: .text(200, "third")) } == false)
  }

  @Test("Time limits: a head that does not come, a body that stops, an answer that is not given, idleness")
  func timeLimits() throws {
    let server = try TestServer {
      $0.tickInterval = .milliseconds(10)
      $0.headTimeout = .milliseconds(200)
      $0.bodyTimeout = .milliseconds(200)
      $0.responseTimeout = .milliseconds(200)
      $0.keepAliveTimeout = .milliseconds(200)
    }
    let head = try TestSocket(port: server.port)
    try head.send("GET / HT")
    let body = try TestSocket(port: server.port)
    try body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    let answer = try TestSocket(port: server.port)
    try answer.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
    let idle = try TestSocket(port: server.port)
    #expect(try idle.get("/a").status == 200)
    let silent = try TestSocket(port: server.port)
    for (client, status) in [(head, 408), (body, 408), (answer, 504)] {
      #expect(try client.readResponse().status == status)
      #expect(try client.readToEnd().isEmpty)
    }
    #expect(try idle.readToEnd().isEmpty)
    #expect(try silent.readToEnd().isEmpty)
  }

  @Test("A client that does not read its answer is cut")
  func stuckReader() throws {
    let server = try TestServer {
      $0.tickInterval = .milliseconds(10)
      $0.writeTimeout = .milliseconds(200)
    }
    let client = try TestSocket(port: server.port, receiveBuffer: 4096)
    try client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
    try server.log.wait(for: .request("GET", ["big"]))
    try until("the connection is gone") { (try? server.statistics().httpConnections) == 0 }
  }

  @Test("Connections beyond the limit are turned away, and taken again when there is room")
  func connectionLimit() throws {
    let server = try TestServer { $0.maximumConnections = 2 }
    let first = try TestSocket(port: server.port)
    let second = try TestWebSocket(port: server.port)
    #expect(try first.get("/a").status == 200)
    #expect(try TestSocket(port: server.port).readResponse().status == 503)
    try second.send(.binary, [1])
    #expect(try second.readMessage().payload == [1])
    first.close()
    try until("there is room") { (try? server.statistics().httpConnections) == 0 }
    #expect(try TestSocket(port: server.port).get("/a").status == 200)
    #expect(try server.statistics().refused == 1)
  }
}
