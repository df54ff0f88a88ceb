import TestSupport
import Testing
import Tokens
import Workflow
import YProtocol

@testable import Gateway

/// Who shows no token, a wrong one, or one that others could have read.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct HostileAccessTests {
  private static let project = SampleProject.id

  /// What nobody has shown a token for is not even taken in.
  @Test func aLargeBodyOfSomebodyUnknownIsRefusedBeforeItComes() throws {
    let site = try AccessSite()
    defer { site.stop() }
    for (line, status) in [
      ("", 401), ("Authorization: Bearer nonsense\r\n", 401),
      ("Authorization: Bearer \(try site.token(.owner))\r\n", 0),
    ] {
      let client = try TestSocket(port: site.port)
      try client.send("POST /api/provision HTTP/1.1\r\nHost: x\r\n\(line)Content-Length: 1000000\r\n\r\n")
      if status == 0 {
        // The body is waited for, and is then read: it is no JSON.
        try client.send([UInt8](repeating: 0x7B, count: 1_000_000))
        let answer = try client.readResponse()
        #expect([400, 422].contains(answer.status), "\(answer.status) \(answer.text)")
      } else {
        #expect(try client.readResponse().status == status)
      }
    }
    let nowhere = try TestSocket(port: site.port)
    try nowhere.send("POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
    #expect(try nowhere.readResponse().status == 404)
    let open = try TestSocket(port: site.port)
    try open.send("POST /hooks/git/\(Self.project) HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n")
    #expect(try open.readResponse().status == 413)
    let metrics = try site.request("GET", "/metrics", as: .superuser).text
    #expect(metrics.contains("heddle_refusals_total{limit=\"unauthenticated_body\"} 2"), "\(metrics)")
  }

  @Test func manyWrongTokensOfOneAddressAreNotLookedAt() throws {
    let site = try AccessSite(network: {
      $0.addresses.exempt = []
      $0.addresses.refusedTokensPerSecond = 1
    })
    defer { site.stop() }
    for _ in 0..<10 { #expect(try site.request("GET", "/api/me", token: "nonsense").status == 401) }
    let refused = try site.request("GET", "/api/me", token: "nonsense")
    #expect(refused.status == 429 && refused.headers["retry-after"] == "10", "\(refused.text)")
    let elsewhere = try TestSocket(port: site.port, source: "127.0.0.2")
    #expect(try elsewhere.get("/api/me", headers: ["Authorization: Bearer \(site.token(.viewer))"]).status == 200)
    // Good tokens make no difference, and after a while they are taken again.
    try until("a good token is taken") { (try? site.request("GET", "/api/me", as: .viewer).status) == 200 }
  }

  /// The other way in for tokens: messages of the Hocuspocus protocol.
  @Test func wrongTokensInMessagesCountAsWell() throws {
    let site = try AccessSite(network: {
      $0.addresses.exempt = []
      $0.addresses.refusedTokensPerSecond = 1
    })
    defer { site.stop() }
    let socket = try TestWebSocket(port: site.port, target: "/hocuspocus")
    var reasons: [String] = []
    for number in 1...11 {
      let name = "workflow:00000000-0000-4000-8000-\(100_000_000_000 + number)"
      try socket.send(.binary, HocuspocusFrame(name: name, .token("nonsense")).encoded())
      let answer = try HocuspocusFrame(decoding: socket.readMessage().payload)
      if case .permissionDenied(let reason) = answer.message { reasons.append(reason) }
    }
    #expect(reasons.count == 11 && reasons.last == AccessRefusal.tooManyTokens.reason, "\(reasons)")
    #expect(reasons.dropLast().allSatisfy { $0 != reasons.last })
  }

  /// A token that came unencrypted may be known to others.
  @Test func aTokenIsTakenOverTLSOrFromThisMachineOnly() throws {
    let site = try AccessSite(network: { $0.proxies.proxies = AddressRange.loopback })
    defer { site.stop() }
    let token = try site.token(.viewer)
    let far = "X-Forwarded-For: 203.0.113.9"
    let plain = try site.request("GET", "/api/me", token: token, headers: [far])
    #expect(plain.status == 403 && plain.text.contains("unencrypted"), "\(plain.text)")
    #expect(try site.request("GET", "/api/me", token: token, headers: [far, "X-Forwarded-Proto: http"]).status == 403)
    #expect(try site.request("GET", "/api/me", token: token, headers: [far, "X-Forwarded-Proto: https"]).status == 200)
    #expect(!site.log.text.contains(token))
    let direct = try AccessSite()
    defer { direct.stop() }
    #expect(try direct.request("GET", "/api/me", token: direct.token(.viewer), headers: [far]).status == 200)
  }

  /// The address in the log is the client's where a proxy says it that is trusted, and the socket's otherwise.
  @Test func refusalsAreLoggedWithTheClientsAddress() throws {
    let trusting = try AccessSite(network: { $0.proxies.proxies = AddressRange.loopback })
    defer { trusting.stop() }
    let headers = ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https"]
    #expect(try trusting.request("GET", "/api/me", token: "nonsense", headers: headers).status == 401)
    #expect(trusting.log.text.contains("203.0.113.9") && !trusting.log.text.contains("127.0.0.1"))
    let doubting = try AccessSite()
    defer { doubting.stop() }
    #expect(try doubting.request("GET", "/api/me", token: "nonsense", headers: headers).status == 401)
    #expect(!doubting.log.text.contains("203.0.113.9") && doubting.log.text.contains("127.0.0.1"))
  }

  /// What is refused is counted, and said in the log some times a second at most.
  @Test func refusalsAreCountedAndLoggedNowAndThen() throws {
    let site = try AccessSite()
    defer { site.stop() }
    for _ in 0..<100 { #expect(try site.request("GET", "/api/me", token: "nonsense").status == 401) }
    let metrics = try site.request("GET", "/metrics", as: .superuser).text
    #expect(metrics.contains("heddle_refusals_total{limit=\"access\"} 100"), "\(metrics)")
    let lines = site.log.text.split(separator: "\n").count { $0.contains("access refused") }
    #expect((1...60).contains(lines), "\(lines)")
  }
}
