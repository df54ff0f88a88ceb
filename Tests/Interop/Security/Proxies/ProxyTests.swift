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
