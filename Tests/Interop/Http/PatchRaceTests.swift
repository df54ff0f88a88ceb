import TestSupport
import Testing
import Workflow

extension Interop {
  /// A script that patches what it read a while ago, while an unmodified Yjs client types.
  @Suite struct PatchRaceTests {
    private func send(
      _ method: String, _ sample: SampleWorkflow, _ server: HeddleServer, _ body: JSONValue? = nil, tag: String? = nil
    ) throws -> TestResponse {
      let port = try #require(server.address.split(separator: ":").last.flatMap { UInt16($0) })
      let socket = try TestSocket(port: port)
      let bytes = body?.serialized() ?? []
      var lines = ["\(method) /api/workflows/\(sample.id) HTTP/1.1", "Host: test", "Content-Length: \(bytes.count)"]
      if body != nil { lines.append("Content-Type: application/json-patch+json") }
      if let tag { lines.append("If-Match: \(tag)") }
      try socket.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + bytes)
      return try socket.readResponse()
    }

    @Test func nothingThatEitherWritesIsLost() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(.node, sample, on: server)
      let path = "/jobs/\(sample.firstJobID)/body"
      let letters = (0..<60).map { String(UnicodeScalar(UInt8(0x41 + $0 % 26))) }
      async let typed: Void = {
        for letter in letters { try await client.edit(.type(letter, into: sample.body, at: 0)) }
      }()
      for number in 0..<12 {
        let old = try send("GET", sample, server)
        let tag = try #require(old.headers["etag"], "\(old.text)")
        let jobs = (try? JSONValue(parsing: old.body))?["data"]?["jobs"]?.array ?? []
        let body = try #require(jobs.first { $0["id"]?.string == sample.firstJobID }?["body"]?.string)
        // Others go on in between.
        _ = try send("GET", sample, server)
        let patch: JSONValue = [
          ["op": "test", "path": .string(path), "value": .string(body)],
          ["op": "replace", "path": .string(path), "value": .string(body + "// \(number)\n")],
        ]
        let answer = try send("PATCH", sample, server, patch, tag: tag)
        #expect(answer.status == 200, "\(answer.text)")
      }
      try await typed
      try await client.acknowledge()
      let expected =
        letters.reversed().joined() + SampleWorkflow.firstBody + (0..<12).map { "// \($0)\n" }.joined()
      try await client.wait(.value(at: sample.body, is: .string(expected)))
      #expect(try await sample.live(on: server)["data"]?["jobs"]?.array?[0]["body"] == .string(expected))
      try await client.stop()
    }
  }
}
