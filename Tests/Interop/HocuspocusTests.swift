import TestSupport
import Testing
import Workflow
import YCRDT
import YProtocol

extension Interop {
  /// What hocuspocus.md promises beyond editing, which the tests for all clients cover.
  @Suite struct HocuspocusTests {
    private func body(of sample: SampleWorkflow, on server: HeddleServer) async throws -> String {
      let jobs = try await sample.live(on: server)["data"]?["jobs"]?.array ?? []
      return jobs.first { $0["id"]?.string == sample.firstJobID }?["body"]?.string ?? ""
    }

    /// The figure that applications show as "unsaved" falls to zero when all is stored, and not before.
    @Test func everyEditIsToldToBeStoredOnceItIs() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(.hocuspocus, sample, on: server)
      try await client.wait(Condition(json: ["unsynced": 0]))
      for index in 0..<20 { try await client.edit(.type("\(index) ", into: sample.body, at: 0)) }
      try await client.acknowledge()
      let summary = try await client.summary()
      #expect(summary["unsynced"] == 0 && summary["refused"] == 0 && summary["scope"] == "read-write")
      #expect(try await body(of: sample, on: server).hasPrefix("19 18 17 "))
      try await client.stop()
    }

    @Test func allProtocolsShareADocumentAndSeeEachOther() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      var clients: [ScriptedClient] = []
      for kind in ScriptedClient.Kind.allCases {
        clients.append(try await ScriptedClient.joined(kind, sample, on: server))
        try await clients.last?.show(["user": ["name": .string(kind.rawValue)]])
      }
      for (index, client) in clients.enumerated() {
        try await client.edit(.type("from \(index)\n", into: sample.body, at: 0))
      }
      for client in clients {
        try await client.wait(.clients(clients.count))
        for index in clients.indices { try await client.wait(.text(at: sample.body, contains: "from \(index)\n")) }
      }
      for client in clients { try await client.stop() }
    }

    @Test func manyDocumentsGoOverOneWebsocket() async throws {
      let server = try HeddleServer.shared
      let (first, second) = (
        try await SampleWorkflow.imported(into: server), try await SampleWorkflow.imported(into: server)
      )
      let client = try await ScriptedClient.joined(.hocuspocus, first, on: server)
      let other = try await ScriptedClient.joined(.node, second, on: server)
      // What the client's provider has no document for it does not read; the server takes it all the same.
      let name = "workflow:\(second.id)"
      try await client.send(HocuspocusFrame(name: name, .token("")).encoded())
      let copy = Doc()
      try copy.apply(try await other.state())
      let known = copy.stateVector
      try copy.transact { try copy.map("workflow").set("name", "over there") }
      let edit = copy.encodeStateAsUpdate(since: known)
      try await client.send(HocuspocusFrame(name: name, .shared(.syncStep2([0, 0]))).encoded())
      try await client.send(HocuspocusFrame(name: name, .shared(.update(edit))).encoded())
      try await other.wait(.value(at: ["workflow", "name"], is: "over there"))
      // Leaving one leaves the other.
      try await client.send(HocuspocusFrame(name: name, .close(reason: "")).encoded())
      try await client.edit(.type("here ", into: first.body, at: 0))
      try await client.acknowledge()
      #expect(try await body(of: first, on: server).hasPrefix("here "))
      #expect(try await client.summary()["closes"] == [])
      try await client.stop()
      try await other.stop()
    }

    @Test func aSavedVersionRefusesEditsOneByOne() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(.hocuspocus, sample, on: server, version: 1)
      try await client.wait(Condition(json: ["unsynced": 0]))
      #expect(try await client.summary()["scope"] == "readonly")
      try await client.edit(.type("mine ", into: sample.body, at: 0))
      try await client.wait(Condition(json: ["refused": 1]))
      let summary = try await client.summary()
      #expect(summary["unsynced"] == 1 && summary["denied"] == [] && summary["closes"] == [])
      try await client.stop()
    }

    @Test func unknownDocumentsAreRefusedWithAReasonAndWithoutAClose() async throws {
      let server = try HeddleServer.shared
      for name in ["workflow:\(SampleWorkflow.id())", "nonsense", "", "workflow:\(SampleWorkflow.id()):v3"] {
        let client = try ScriptedClient(.hocuspocus)
        try await client.open(server.collab, name)
        try await client.wait(.denied(1))
        let summary = try await client.summary()
        #expect(summary["closes"] == [] && summary["connected"] == true && summary["synced"] == false, "\(name)")
        #expect(summary["denied"]?.array?.count == 1)
        try await client.stop()
      }
    }

    @Test func eventsComeAsStatelessMessages() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(.hocuspocus, sample, on: server)
      try await client.perform("subscribe")
      try await client.wait(Condition(json: ["event": "state"]))
      try await sample.importProject(sample.project(firstBody: "imported();\n"), into: server)
      try await client.wait(Condition(json: ["event": "reconciled"]))
      #expect(try await client.value(at: sample.body) == "imported();\n")
      try await client.stop()
    }

    @Test func pingsAreAnsweredAndWhatIsUnknownIsIgnored() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let port = try #require(server.address.split(separator: ":").last.flatMap { UInt16($0) })
      let socket = try TestWebSocket(port: port, target: "/hocuspocus")
      try socket.send(.binary, HocuspocusFrame.ping)
      #expect(try socket.readMessage().payload == HocuspocusFrame.pong)
      let name = "workflow:\(sample.id)"
      try socket.send(.binary, HocuspocusFrame(name: name, .unknown(type: 6)).encoded())
      try socket.send(.binary, HocuspocusFrame(name: name, .token("")).encoded())
      #expect(
        try HocuspocusFrame(decoding: socket.readMessage().payload)
          == HocuspocusFrame(name: name, .authenticated(isReadOnly: false)))
      // The server's own question comes once the document is loaded.
      guard case .shared(.syncStep1) = try HocuspocusFrame(decoding: socket.readMessage().payload).message else {
        Issue.record("no step 1")
        return
      }
      try socket.send(text: "hello")
      #expect(try socket.readMessage().closeCode == 1003)
    }

    @Test(arguments: [
      (message: [0, 7, 1, 0] as [UInt8], code: 1002), (message: [0, 2, 200, 1], code: 1002), (message: [2], code: 1002),
    ])
    func whatCannotBeReadEndsTheConnection(message: [UInt8], code: Int) async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(.hocuspocus, sample, on: server)
      let name = Array("workflow:\(sample.id)".utf8)
      try await client.send([UInt8(name.count)] + name + message)
      try await client.wait(.closes(1))
      #expect(try await client.summary()["closes"]?.array?.first?["code"]?.integer == code)
      try await client.wait(.synced())
      try await client.stop()
    }

    /// An edit that cannot be applied ends the document for its sender, and not the websocket with all others.
    @Test func anUnreadableEditClosesTheDocumentAlone() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(.hocuspocus, sample, on: server)
      let name = Array("workflow:\(sample.id)".utf8)
      try await client.send([UInt8(name.count)] + name + [0, 2, 4, 1, 1, 5, 0])
      try await client.wait(.closes(1))
      let summary = try await client.summary()
      #expect(summary["closes"]?.array?.first?["code"] == 1000 && summary["connected"] == true)
      try await client.stop()
    }

    /// Answers wait while a client takes nothing, but not without end.
    @Test func whoAsksAndDoesNotReadIsClosed() async throws {
      let server = try await HeddleServer(arguments: ["--send-queue-soft-limit-bytes", "100000"])
      let sample = try await SampleWorkflow.imported(into: server)
      try await sample.importProject(
        sample.project(firstBody: String(repeating: "wait(1);\n", count: 30_000)), into: server)
      let port = try #require(server.address.split(separator: ":").last.flatMap { UInt16($0) })
      let socket = try TestWebSocket(port: port, target: "/hocuspocus", receiveBuffer: 4096)
      let name = "workflow:\(sample.id)"
      let question = HocuspocusFrame(name: name, .shared(.syncStep1(StateVector().encoded()))).encoded()
      try socket.send(.binary, question)
      // Before the document is loaded no answer can be in the way of another.
      _ = try await sample.live(on: server)
      for _ in 0..<20 { try socket.send(.binary, question) }
      // From here on answers wait, as long as nothing is read.
      try await server.wait(for: "heddle_lagging_connections", 1...1)
      let limit = 100_000 / (HocuspocusFrame.pong.count + 64) + 1
      for _ in 0..<(limit + 100) { try socket.send(.binary, HocuspocusFrame.ping) }
      // What comes after the one that is too much is not counted.
      try await server.wait(for: "heddle_received_messages_total", (21 + limit)...(21 + limit))
      var code: Int?
      // Were all of them answered, as many messages would come.
      for _ in 0..<2_000 where code == nil { code = try socket.readMessage().closeCode }
      #expect(code == 1013)
      try await server.stop()
    }

    @Test func oneWebsocketHasSoManyDocumentsAtMost() async throws {
      let server = try await HeddleServer(arguments: ["--maximum-documents-per-connection", "2"])
      let port = try #require(server.address.split(separator: ":").last.flatMap { UInt16($0) })
      let socket = try TestWebSocket(port: port, target: "/hocuspocus")
      for number in 1...3 {
        try socket.send(.binary, HocuspocusFrame(name: "document \(number)", .token("")).encoded())
      }
      for number in 1...2 {
        let answer = try HocuspocusFrame(decoding: socket.readMessage().payload)
        #expect(answer.name == "document \(number)")
      }
      #expect(try socket.readMessage().closeCode == 1008)
      try await server.stop()
    }
  }
}
