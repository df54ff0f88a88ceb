import Foundation
import TestSupport
import Testing
import Workflow

/// The proxies of Operations, with real clients behind them.
extension Interop {
  @Suite(.serialized, .timeLimit(.minutes(5))) struct ProxyTests {
    /// Over TLS, each document on one server and the documents on both.
    @Test(arguments: ProxySite.Kind.allCases)
    func documentsStayTogetherAndServersShareThem(kind: ProxySite.Kind) async throws {
      let site = try await ProxySite(kind)
      var places: Set<Int> = []
      // Of 12 documents all are on one server once in 2048 times.
      for number in 0..<12 where number < 3 || places.count < 2 {
        let sample = try await SampleWorkflow.imported(into: site.servers[0])
        let clients = try (0..<2).map { _ in try ScriptedClient(.node, trusting: site.certificate) }
        for client in clients {
          try await client.open(site.collab, "workflow:\(sample.id)")
          try await client.wait(.synced())
        }
        try await clients[0].edit(.type("over TLS ", into: sample.body, at: 0))
        try await clients[1].wait(.text(at: sample.body, contains: "over TLS "))
        #expect(try await site.curl("/api/workflows/\(sample.id)").text.contains("over TLS "))
        let found = try await site.places(of: sample.id)
        #expect(found.count == 1, "\(found)")
        places.formUnion(found)
        for client in clients { try await client.stop() }
      }
      #expect(places == [0, 1])
      try await site.stop()
    }

    /// Connections are taken by the kernel, so only silence tells. Whoever has a document there gets it from the other server, with
    /// what he typed meanwhile.
    @Test(arguments: ProxySite.Kind.allCases)
    func aServerThatHangsIsLeftOut(kind: ProxySite.Kind) async throws {
      let site = try await ProxySite(kind, arguments: ["--ping-interval", "1s"]) {
        // So that the test does not last that long.
        $0.replacingOccurrences(of: "proxy_read_timeout 30s", with: "proxy_read_timeout 3s")
          .replacingOccurrences(of: "timeout check 5s", with: "timeout check 2s")
          .replacingOccurrences(of: "check inter 4s", with: "check inter 500ms")
      }
      let sample = try await SampleWorkflow.imported(into: site.servers[0])
      let client = try ScriptedClient(.node, trusting: site.certificate)
      try await client.open(site.collab, "workflow:\(sample.id)")
      try await client.wait(.synced())
      // Where the client is; the document may be open at both.
      let connections = try await site.connections()
      let place = try #require(connections.firstIndex(of: 1), "\(connections)")
      kill(site.servers[place].processID, SIGSTOP)
      defer { kill(site.servers[place].processID, SIGCONT) }
      try await client.edit(.type("meanwhile ", into: sample.body, at: 0))
      let other = try ScriptedClient(.node)
      try await other.open(site.servers[1 - place].collab, "workflow:\(sample.id)")
      try await other.wait(.text(at: sample.body, contains: "meanwhile "), limit: .seconds(60))
      kill(site.servers[place].processID, SIGCONT)
      for client in [client, other] { try await client.stop() }
      try await site.stop()
    }

    /// No server could do more than another one then: nobody is sent off, by checks that find nobody ready.
    @Test func whileTheDatabaseIsAwayNobodyIsSentOff() async throws {
      let site = try await ProxySite(.haproxy) {
        $0.replacingOccurrences(of: "check inter 4s", with: "check inter 200ms")
      }
      let sample = try await SampleWorkflow.imported(into: site.servers[0])
      let client = try ScriptedClient(.node, trusting: site.certificate)
      try await client.open(site.collab, "workflow:\(sample.id)")
      try await client.wait(.synced())
      let connections = try await site.connections()
      let name = try #require(site.database.split(separator: "=").last)
      let psql = try PlainConnection(TestPostgres.makeDatabase())
      try psql.run("alter database \(name) allow_connections false")
      try psql.run("select pg_terminate_backend(pid) from pg_stat_activity where datname = '\(name)'")
      for server in site.servers {
        try await until("a server is not ready") { try await server.request("GET", "/readyz").status == 503 }
      }
      // As long as fifteen checks take.
      let end = ContinuousClock.now + .seconds(3)
      while ContinuousClock.now < end { #expect(try await site.curl("/healthz").status == 200) }
      #expect(try await site.connections() == connections)
      try await client.edit(.type("meanwhile ", into: sample.body, at: 0))
      try psql.run("alter database \(name) allow_connections true")
      let other = try ScriptedClient(.node, trusting: site.certificate)
      try await other.open(site.collab, "workflow:\(sample.id)")
      try await other.wait(.text(at: sample.body, contains: "meanwhile "), limit: .seconds(60))
      for client in [client, other] { try await client.stop() }
      try await site.stop()
    }

    /// What a proxy that is named says of its clients is believed, and what they say of themselves is not.
    @Test(arguments: ProxySite.Kind.allCases)
    func addressesAreBelievedFromTheProxyOnly(kind: ProxySite.Kind) async throws {
      let site = try await ProxySite(kind, arguments: ["--allowed-origins", "https://editor.example.com"])
      let handshake = [
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: https://evil.example.com",
        "X-Forwarded-For: 203.0.113.77", "Forwarded: for=203.0.113.78;proto=https",
      ]
      #expect(try await site.curl("/hocuspocus", from: "127.0.0.9", headers: handshake).status == 403)
      #expect(
        try await site.curl("/hocuspocus", from: "127.0.0.10", address: site.servers[0].address, headers: handshake)
          .status
          == 403)
      let log = try site.servers.map { try $0.log() }.joined()
      #expect(log.contains("127.0.0.9 ") || log.contains("127.0.0.9\n") || log.contains("peer=127.0.0.9"), "\(log)")
      #expect(log.contains("127.0.0.10:"), "\(log)")
      #expect(!log.contains("203.0.113."), "\(log)")
      try await site.stop()
    }
  }
}
