import Foundation
import TestSupport
import Testing

@testable import Gateway

/// What libwebsockets 4.1.6 has that is known to be broken, and each way into it.
@Suite("No way into what the library cannot do safely", .serialized, .timeLimit(.minutes(1)))
struct LibraryDoorTests {
  /// The server goes on after something was tried at it.
  private func expectAlive(_ server: TestServer) throws {
    let client = try TestWebSocket(port: server.port)
    try client.send(.binary, [1])
    #expect(try client.readMessage().payload == [1])
  }

  /// A frame of HTTP/2.
  private func frame(_ type: UInt8, flags: UInt8, stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
    [
      UInt8(payload.count >> 16), UInt8(payload.count >> 8 & 0xFF), UInt8(payload.count & 0xFF), type, flags, 0, 0, 0,
      stream,
    ]
      + payload
  }

  @Test func http2WithPriorKnowledgeIsAWrongRequest() throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    let flood = (0..<1000).flatMap { _ in frame(9, flags: 0, stream: 1, [UInt8](repeating: 0x40, count: 100)) }
    let headers = frame(1, flags: 0, stream: 1, [0x82, 0x86, 0x84, 0x41, 0x8A, 0xFF, 0xFF, 0xFF])
    try client.send(
      Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, flags: 0, stream: 0, []) + headers + flood)
    let answer = try client.readResponse()
    #expect(answer.status == 400 || answer.status == 505)
    #expect(answer.headers["connection"] == "close")
    try expectAlive(server)
  }

  @Test(arguments: ["h2c", "h2c, websocket", "websocket, h2c", "HTTP/2.0", "h2"])
  func nobodyIsUpgradedToHTTP2(offer: String) throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    let lines = TestWebSocket.handshakeHeaders.filter { !$0.hasPrefix("Upgrade:") && !$0.hasPrefix("Connection:") }
    try client.send(
      "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: \(offer)\r\n"
        + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n")
    let head = try client.read(through: "\r\n\r\n").lowercased()
    if offer.contains("websocket") {
      #expect(head.hasPrefix("http/1.1 101 ") && head.contains("upgrade: websocket"))
    } else {
      #expect(head.hasPrefix("http/1.1 200 "))
    }
    #expect(!head.contains("h2"))
    try expectAlive(server)
  }

  /// TLS ends in a proxy: who greets in it (and would choose HTTP/2 by ALPN) gets an answer in HTTP/1.1.
  @Test func whoGreetsInTLSIsToldThatThisIsHTTP() throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    let alpn: [UInt8] = [0, 16, 0, 5, 0, 3, 2, 0x68, 0x32]
    let hello: [UInt8] =
      [1, 0, 0, 43, 3, 3] + [UInt8](repeating: 9, count: 32) + [0, 0, 2, 0x13, 1, 1, 0, 0, 9] + alpn
    try client.send([0x16, 3, 1, 0, UInt8(hello.count)] + hello + Array("\r\n\r\n".utf8))
    #expect(try client.readResponse().status == 400)
    try expectAlive(server)
  }

  /// Compression is not offered: the library ends the process over it. The same for every other extension.
  @Test(arguments: [
    "permessage-deflate", "permessage-deflate; client_max_window_bits; server_no_context_takeover",
    "x-webkit-deflate-frame", "permessage-deflate, permessage-deflate, permessage-bzip2; a=\"b,c;\\\"\"",
    String(repeating: "permessage-deflate,", count: 500), String(repeating: "a", count: 9000), ";;;,,,==\"",
  ])
  func noExtensionIsAgreedOn(offer: String) throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    let lines = TestWebSocket.handshakeHeaders + ["Sec-WebSocket-Extensions: \(offer)"]
    try client.send("GET /echo HTTP/1.1\r\nHost: x\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n")
    let head = try client.read(through: "\r\n\r\n").lowercased()
    #expect(head.hasPrefix("http/1.1 101 ") && !head.contains("extensions"))
    // What is compressed all the same is wrong: a bomb is never unpacked.
    try client.send([0xC2, 0x80 | 4, 0, 0, 0, 0, 0xED, 0xC0, 0x01, 0x01])
    #expect(try client.read(2)[0] == 0x88)
    try expectAlive(server)
  }

  /// What is asked of the library's way to confirm an upgrade never is: it sees only a handshake of our own.
  @Test(arguments: ["anything", "websocket-but-not-quite", "TLS/1.0", String(repeating: "u", count: 4000)])
  func whatElseAnUpgradeAsksForIsIgnored(name: String) throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    for _ in 0..<20 {
      let answer = try client.get("/a", headers: ["Connection: keep-alive, Upgrade", "Upgrade: \(name)"])
      #expect(answer.text == "GET|a||0")
    }
    try expectAlive(server)
  }

  /// Forms are bytes like any others; the library's reader of them is not asked.
  @Test(arguments: [
    "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "multipart/form-data",
  ])
  func formsAreNotRead(type: String) throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    let body = "--x\r\nContent-Disposition: form-data; name=\"\(String(repeating: "a", count: 5000))\"\r\n\r\n"
    try client.send(
      "POST /a HTTP/1.1\r\nHost: x\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    #expect(try client.readResponse().text == "POST|a||\(body.utf8.count)")
    try expectAlive(server)
  }

  @Test func connectIsARequestLikeOthers() throws {
    let server = try TestServer()
    let client = try TestSocket(port: server.port)
    try client.send("CONNECT example.com:80 HTTP/1.1\r\nHost: example.com:80\r\n\r\n")
    #expect(try client.readResponse().status == 400)
    let other = try TestSocket(port: server.port)
    try other.send("CONNECT /a HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(try other.readResponse().text == "CONNECT|a||0")
    try expectAlive(server)
  }

  /// A close frame has its code and its reason, and nothing of what lay in memory before.
  @Test(arguments: ["", "x", "as you wish"])
  func whatTheServersCloseSaysIsItsReasonAndNothingElse(reason: String) throws {
    let server = try TestServer()
    let client = try TestWebSocket(port: server.port)
    try client.send(.binary, [UInt8](repeating: 0x53, count: 100))
    _ = try client.readMessage()
    _ = try server.onLoop { loop in
      loop.eachConnection { $0.close(.policyViolation, reason: reason) }
      return true
    }
    #expect(try client.readMessage().payload == [0x03, 0xF0] + Array(reason.utf8))
  }

  /// The functions of the library that are called, and nothing beside them: none of its HTTP, form and JSON readers, of its
  /// TLS and of its DNS is.
  @Test func theLibraryIsAskedForNothingElse() throws {
    let allowed: Set = [
      "lws_adopt_socket_vhost_readbuf", "lws_callback_on_writable", "lws_callback_reasons", "lws_close_reason",
      "lws_context_user", "lws_create_context", "lws_create_vhost", "lws_frame_is_binary", "lws_get_context",
      "lws_get_opaque_user_data", "lws_get_socket_fd", "lws_is_final_fragment", "lws_partial_buffered",
      "lws_remaining_packet_payload", "lws_rx_flow_control", "lws_service_fd", "lws_set_log_level",
      "lws_set_opaque_user_data", "lws_set_timeout", "lws_vhost_name_to_protocol", "lws_write",
    ]
    let root = "/" + URL(fileURLWithPath: #filePath).pathComponents.dropLast(5).dropFirst().joined(separator: "/")
    var files: [URL] = []
    let all = FileManager.default.enumerator(
      at: URL(fileURLWithPath: "\(root)/Sources"), includingPropertiesForKeys: nil)
    for case let file as URL in all ?? .init() where ["c", "h", "swift", "modulemap"].contains(file.pathExtension) {
      files.append(file)
    }
    #expect(files.count > 100)
    var called: Set<String> = []
    for file in files {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /\b(lws_[a-z0-9_]+) ?\(/) { called.insert(String(match.1)) }
      let isC = file.path.contains("/CWebSockets/")
      #expect(isC || !text.contains("libwebsockets.h"), "\(file.lastPathComponent)")
      for word in ["lejp", "lws_spa", "lws_tls", "LWS_WITH_HTTP2", "info.extensions", ".extensions =", "h2c"] where isC
      {
        #expect(!text.contains(word), "\(file.lastPathComponent): \(word)")
      }
    }
    #expect(called.subtracting(allowed) == [])
  }
}
