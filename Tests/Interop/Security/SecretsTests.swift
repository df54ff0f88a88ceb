import Foundation
import TestSupport
import Testing
import Workflow
import YProtocol

/// Nothing secret is in logs, answers or documents, whatever goes wrong.
extension Interop {
  @Suite(.serialized, .timeLimit(.minutes(3))) struct SecretsTests {
    private static let secrets = [
      "database": "s3cret-of-the-database", "token": "s3cret-token-of-a-person", "git": "s3cret-of-git",
      "hook": "s3cret-of-a-hook", "query": "s3cret-in-a-query", "jwt": "s3cret-that-signs-tokens-0123456789",
      "bus": "s3cret-of-the-bus",
    ]

    private func expectNone(in text: String, _ where: String) {
      for (kind, secret) in Self.secrets {
        #expect(!text.contains(secret), "\(`where`): \(kind) in \(text.suffix(2000))")
      }
    }

    @Test func logsAndAnswersHaveNothingSecret() async throws {
      let secrets = Self.secrets
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("jwt-\(UUID().uuidString)")
      try secrets["jwt", default: ""].write(to: file, atomically: true, encoding: .utf8)
      defer { try? FileManager.default.removeItem(at: file) }
      let database = try TestPostgres.makeDatabase() + " password=\(secrets["database"] ?? "")"
      let server = try await HeddleServer(arguments: [
        "--database-url", database, "--log-level", "trace", "--jwt-secret-file", file.path,
        // Nobody is there, which is said again and again.
        "--bus-url", "redis://somebody:\(secrets["bus"] ?? "")@127.0.0.1:1",
      ])
      let port = try #require(server.address.split(separator: ":").last.flatMap { UInt16($0) })
      let (token, query) = (secrets["token"] ?? "", secrets["query"] ?? "")
      var answers = ""
      func ask(_ text: String) throws {
        let socket = try TestSocket(port: port)
        try socket.send(text + "Content-Length: 0\r\nConnection: close\r\n\r\n")
        answers += String(decoding: try socket.readToEnd(), as: UTF8.self)
      }
      let head = "HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
      for path in ["/api/me", "/nowhere?token=\(query)", "/api/workflows/x?token=\(query)", "/%zz?token=\(query)"] {
        try ask("GET \(path) \(head)")
        try ask("DELETE \(path) \(head)")
      }
      try ask("POST /api/provision \(head)X-Large: \(String(repeating: token, count: 2000))\r\n")
      try ask("GET / HTTP/1.1\r\nHost: x\r\nAuthorization\u{1}: Bearer \(token)\r\n")
      try ask("POST /hooks/git/\(SampleWorkflow.id()) \(head)X-Hub-Signature-256: sha256=\(secrets["hook"] ?? "")\r\n")
      for (path, line) in [
        ("/collab/workflow:\(SampleWorkflow.id())?token=\(query)", ""), ("/collab/x?token=\(query)", ""),
        ("/socket/websocket?vsn=2.0.0&token=\(query)", ""), ("/socket/websocket?vsn=1&token=\(query)", ""),
        ("/collab/workflow:\(SampleWorkflow.id())", "Sec-WebSocket-Protocol: heddle, heddle.token.\(token)\r\n"),
      ] {
        let lines = TestWebSocket.handshakeHeaders.map { $0 + "\r\n" }.joined()
        let socket = try TestSocket(port: port)
        try socket.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\(lines)\(line)\r\n")
        answers += try socket.read(through: "\r\n\r\n")
        if socket.hasInput(within: 500) { answers += String(decoding: try socket.read(10), as: UTF8.self) }
      }
      let hocuspocus = try TestWebSocket(port: port, target: "/hocuspocus")
      try hocuspocus.send(.binary, HocuspocusFrame(name: "workflow:\(SampleWorkflow.id())", .token(token)).encoded())
      answers += String(decoding: try hocuspocus.readMessage().payload, as: UTF8.self)
      try hocuspocus.send(text: token)
      answers += try hocuspocus.readMessage().closeReason
      // The database goes away under it.
      let admin = try PlainConnection(database)
      _ = try? admin.run("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
      try ask("GET /readyz \(head)")
      expectNone(in: answers, "answers")
      try await server.terminate()
      expectNone(in: try server.log(), "log")
      #expect(try server.log().contains("access refused"), "there is something to look at")
    }

    /// What the command line says where the bus' address is wrong in one way or another.
    @Test(arguments: [
      "redis://:PASSWORD@127.0.0.1:port", "redis://:PASSWORD@", "rediss://:PASSWORD@127.0.0.1",
      "unix://:PASSWORD@relative",
      "redis://PASSWORD%zz@127.0.0.1", "http://:PASSWORD@127.0.0.1", "redis://a:b:PASSWORD@[bad",
      ":PASSWORD@127.0.0.1", "redis:PASSWORD@127.0.0.1",
    ])
    func aBusThatIsWrongIsNotSaidWithItsPassword(address: String) async throws {
      let address = address.replacingOccurrences(of: "PASSWORD", with: Self.secrets["bus"] ?? "")
      let log = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: log) }
      let process = try LineProcess(
        HeddleServer.executable,
        ["serve", "--log-level", "trace", "--database-url", "host=127.0.0.1 port=1", "--bus-url", address],
        standardError: log)
      #expect(try await process.waitForExit() != 0)
      let text = try String(contentsOf: log, encoding: .utf8) + process.progress.current.lines.joined()
      #expect(!text.isEmpty)
      expectNone(in: text, address)
    }

    /// What the command line says where the database's address is wrong in one way or another.
    @Test(arguments: [
      "postgres://heddle:PASSWORD@127.0.0.1:1/heddle", "postgres://heddle:PASSWORD@[bad/heddle",
      "postgres://heddle:PASSWORD@127.0.0.1:1/heddle?nonsense=1", "host=127.0.0.1 port=1 password=PASSWORD",
      "host=127.0.0.1 password='PASSWORD", "password=PASSWORD nonsense=1 host=127.0.0.1",
      "postgres://heddle:PASSWORD%zz@127.0.0.1:1/heddle",
    ])
    func anAddressThatIsWrongIsNotSaidWithItsPassword(address: String) async throws {
      let secret = Self.secrets["database"] ?? ""
      let log = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: log) }
      let process = try LineProcess(
        HeddleServer.executable,
        [
          "migrate", "--log-level", "trace",
          "--database-url", address.replacingOccurrences(of: "PASSWORD", with: secret),
        ],
        standardError: log)
      let (exit, lines) = try await process.waitForEnd()
      #expect(exit != 0)
      let text = try String(contentsOf: log, encoding: .utf8) + lines.joined()
      #expect(!text.isEmpty)
      expectNone(in: text, address)
    }

    /// A repository's address with a password is refused, and not repeated.
    @Test func aRepositorysPasswordIsNotRepeated() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      for url in ["https://user:PASSWORD@git.example.org/a.git", "https://PASSWORD@git.example.org/a.git"] {
        let answer = try await server.request(
          "PUT", "/api/projects/\(sample.projectID)/repository",
          body: ["url": .string(url.replacingOccurrences(of: "PASSWORD", with: Self.secrets["git"] ?? ""))])
        #expect(answer.status == 422, "\(answer)")
        expectNone(in: answer.body.text, "answer")
      }
      expectNone(in: try server.log(), "log")
      expectNone(in: try await server.request("GET", "/api/projects/\(sample.projectID)/repository").body.text, "shown")
    }
  }
}
