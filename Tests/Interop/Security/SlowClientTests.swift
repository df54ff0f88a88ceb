import Foundation
import TestSupport
import Testing
import Workflow

/// Clients that are slow on purpose, many at once, while somebody works.
extension Interop {
  @Suite(.serialized, .timeLimit(.minutes(3))) struct SlowClientTests {
    /// Heads, bodies and answers that come byte by byte.
    @Test(arguments: ["-H", "-B", "-X"]) func somebodyWorksWhileManyAreSlow(mode: String) async throws {
      let server = try await HeddleServer(arguments: [
        "--head-timeout", "2s", "--body-timeout", "2s", "--write-timeout", "2s", "--transfer-timeout", "4s",
        "--keep-alive-timeout", "4s",
      ])
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try ScriptedClient(.node)
      try await client.open(server.collab, sample.document)
      try await client.wait(.synced())
      let path = mode == "-B" ? "/api/provision" : "/"
      let attack = try LineProcess(
        "/usr/bin/env",
        ["slowhttptest", mode, "-c", "300", "-r", "300", "-i", "1", "-l", "6", "-p", "2", "-x", "10"]
          + (mode == "-X" ? ["-w", "1", "-y", "2", "-n", "1", "-z", "1", "-k", "3"] : [])
          + ["-u", "http://\(server.address)\(path)"])
      defer { attack.signal(SIGKILL) }
      var slowest = Duration.zero
      var edits = 0
      while attack.progress.current.exit == nil {
        let start = ContinuousClock.now
        try await client.edit(.type("x", into: sample.body, at: 0))
        try await client.acknowledge()
        #expect(try await server.request("GET", "/readyz").status == 200)
        slowest = max(slowest, ContinuousClock.now - start)
        edits += 1
      }
      #expect(edits > 5 && slowest < .seconds(3), "\(edits) edits, the slowest took \(slowest)")
      // None of them stays.
      try await server.wait(for: "heddle_http_connections", 0...2)
      try await client.stop()
      try await server.stop()
    }
  }
}
