import HeddleClient
import TestSupport
import Testing
import Workflow
import YCRDT

/// Our own client against the real server, beside the clients of others.
@Suite(.server) struct SwiftClientTests {
  /// Waits until `condition` holds for the document.
  private static func wait(
    for document: SharedDocument, _ what: String, until condition: @escaping @Sendable (SharedDocument) async -> Bool
  ) async throws {
    let watching = Task {
      for await _ in await document.changes() where await condition(document) { return true }
      return false
    }
    let limit = Task {
      try await Task.sleep(for: .seconds(30))
      watching.cancel()
    }
    #expect(await watching.value, "in vain: \(what)")
    limit.cancel()
  }

  private static func append(_ text: String, to document: SharedDocument) async throws {
    try await document.edit { try body(of: $0)?.append(text) }
  }

  private static func body(of doc: Doc) -> YText? { doc.array("jobs").first?.map?["body"]?.text }

  private static func shows(_ text: String) -> @Sendable (SharedDocument) async -> Bool {
    { await $0.read { body(of: $0)?.string.contains(text) == true } }
  }

  @Test func editsAndPresenceReachOtherClients() async throws {
    let server = try HeddleServer.shared
    let sample = try await SampleWorkflow.imported(into: server)
    let node = try await ScriptedClient.joined(.node, sample, on: server)
    let swift = try SharedDocument(sample.document, on: server.collab)
    try await swift.synced()
    try await Self.append("// swift\n", to: swift)
    try await node.wait(.text(at: sample.body, contains: "// swift"))
    try await node.edit(.type("// node\n", into: sample.body, at: 0))
    try await Self.wait(for: swift, "node's edit", until: Self.shows("// node"))

    try await swift.show(["user": "Ada"])
    let id = await swift.read { $0.clientID }
    try await node.wait(.client(id, shows: ["user": "Ada"]))
    try await node.show(["user": "Grace"])
    try await Self.wait(for: swift, "node's presence") { await $0.others().values.contains(["user": "Grace"]) }
    try await swift.saved()
    await swift.close()
    try await node.wait(.client(id, shows: nil))
    try await node.stop()
  }

  @Test func whoIsReleasedLeaves() async throws {
    let server = try HeddleServer.shared
    let sample = try await SampleWorkflow.imported(into: server)
    let node = try await ScriptedClient.joined(.node, sample, on: server)
    var swift: SharedDocument? = try SharedDocument(sample.document, on: server.collab)
    try await swift?.synced()
    try await swift?.show(["user": "Ada"])
    let id = try #require(await swift?.read { $0.clientID })
    try await node.wait(.client(id, shows: ["user": "Ada"]))
    swift = nil
    try await node.wait(.client(id, shows: nil))
    try await node.stop()
  }

  @Test func editsMadeWhileTheServerIsAwayArrive() async throws {
    var server = try await HeddleServer()
    let sample = try await SampleWorkflow.imported(into: server)
    let swift = try SharedDocument(sample.document, on: server.collab)
    try await swift.synced()
    let statuses = await swift.statuses()
    let address = server.address
    _ = try await server.terminate()
    for await status in statuses where status == .offline { break }
    try await Self.append("// offline\n", to: swift)
    let saving = Task { try await swift.saved() }
    server = try await HeddleServer(data: server.data, arguments: ["--listen", address])
    try await saving.value
    let live = try await sample.live(on: server)
    #expect(live["data"]?["jobs"]?.array?.first?["body"]?.string?.hasSuffix("// offline\n") == true)
    #expect(await swift.status == .synced)
    await swift.close()
    try await server.stop()
  }

  @Test func aDocumentThatDoesNotExistIsRefused() async throws {
    let document = try SharedDocument("workflow:\(SampleWorkflow.id())", on: try HeddleServer.shared.collab)
    await #expect(throws: ClientError.self) { try await document.synced() }
    let status = await document.status
    if case .refused = status {} else { Issue.record("\(status)") }
    await #expect(throws: ClientError.self) { try await document.saved() }
  }

  @Test func aSavedVersionTakesNoEdits() async throws {
    let server = try HeddleServer.shared
    let sample = try await SampleWorkflow.imported(into: server)
    let version = try await sample.live(on: server)["data"]?["lock_version"]?.integer
    let document = try SharedDocument("\(sample.document):v\(try #require(version))", on: server.collab)
    try await document.synced()
    #expect(await document.read { Self.body(of: $0)?.string } == SampleWorkflow.firstBody)
    for await status in await document.statuses() { if case .readOnly = status { break } }
    await #expect(throws: ClientError.self) { try await Self.append("// in vain", to: document) }
    await #expect(throws: ClientError.self) { try await document.saved() }
    #expect(await document.read { Self.body(of: $0)?.string } == SampleWorkflow.firstBody)
    await document.close()
  }
}
