import Testing
import Workflow
import YCRDT

/// Waits until the clients have everything of each other, and checks that they all show the same, that our engine shows
/// the same when it loads their states, and that the server does.
///
/// When the server has acknowledged what every client sent, it has passed it on; when it acknowledges once more, that
/// has arrived, because it came before on the same connection.
@discardableResult
func expectConvergence(
  _ clients: [ScriptedClient], on server: HeddleServer, _ sample: SampleWorkflow,
  sourceLocation: SourceLocation = #_sourceLocation
) async throws -> JSONValue {
  for client in clients { try await client.acknowledge() }
  for client in clients { try await client.acknowledge() }
  let content = try await clients[0].content()
  for client in clients {
    #expect(try await client.content() == content, "\(client.kind)", sourceLocation: sourceLocation)
    let doc = Doc()
    try doc.apply(try await client.state())
    #expect(doc.roots() == content, "our engine, from \(client.kind)", sourceLocation: sourceLocation)
  }
  let live = try await sample.live(on: server)
  let bodies = { (jobs: JSONValue?) in
    Dictionary((jobs?.array ?? []).map { ($0["id"], $0["body"]) }) { first, _ in first }
  }
  #expect(bodies(live["data"]?["jobs"]) == bodies(content["jobs"]), "the server", sourceLocation: sourceLocation)
  #expect(live["data"]?["name"] == content["workflow"]?["name"], "the server", sourceLocation: sourceLocation)
  return content
}

extension Doc {
  /// The six roots as JSON.
  fileprivate func roots() -> JSONValue {
    .object([
      "workflow": JSONValue(map("workflow").json), "jobs": JSONValue(array("jobs").json),
      "triggers": JSONValue(array("triggers").json), "edges": JSONValue(array("edges").json),
      "positions": JSONValue(map("positions").json), "errors": JSONValue(map("errors").json),
    ])
  }
}
