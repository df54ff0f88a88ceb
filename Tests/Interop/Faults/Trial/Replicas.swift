import TestSupport
import Testing
import Workflow

/// The same document at many places.
enum Replicas {
  /// Waits until clients and servers have the same, and returns it.
  static func awaitEqual(_ document: LoadedDocument, on servers: [HeddleServer]) async throws -> JSONValue {
    let clients = document.members.map(\.client)
    var different = "nobody was asked"
    try await until("all replicas are equal", limit: .seconds(60), state: different) {
      different = try await difference(clients, document.sample, servers) ?? ""
      return different.isEmpty
    }
    return try await clients[0].content()
  }

  /// What is not equal; nil where all is.
  private static func difference(
    _ clients: [ScriptedClient], _ sample: SampleWorkflow, _ servers: [HeddleServer]
  ) async throws -> String? {
    let vectors = try await clients.asyncMap { try await $0.stateVector() }
    guard Set(vectors).count == 1 else { return "the clients' state vectors: \(vectors.map(\.text))" }
    let contents = try await clients.asyncMap { try await $0.content() }
    guard Set(contents).count == 1 else { return "the clients' contents" }
    for server in servers {
      let live = try await sample.live(on: server)["data"] ?? .null
      if let part = difference(live, contents[0]) { return "\(part) at \(server.address)" }
    }
    return nil
  }

  /// The first part that a server shows otherwise than a client.
  private static func difference(_ live: JSONValue, _ content: JSONValue) -> String? {
    for part in ["name", "concurrency"] where (live[part] ?? .null) != (content["workflow"]?[part] ?? .null) {
      return part
    }
    let (left, right) = (Self.jobs(live), Self.jobs(content))
    return left == right ? nil : "jobs"
  }

  /// Names and bodies of jobs by id.
  private static func jobs(_ content: JSONValue) -> [String: [String]] {
    let jobs = (content["jobs"]?.array ?? []).map { job in
      (job["id"]?.string ?? "", [job["name"]?.string ?? "", job["body"]?.string ?? ""])
    }
    return Dictionary(jobs) { first, _ in first }
  }

  /// Checks that rows are what a document says that was saved.
  static func expectRows(
    equal content: JSONValue, _ sample: SampleWorkflow, _ database: PlainConnection, seed: UInt64
  ) throws {
    let rows = try database.run("select id, name, body from jobs where workflow_id = '\(sample.id)'")
    let jobs = Dictionary(uniqueKeysWithValues: rows.map { ($0[0] ?? "", [$0[1] ?? "", $0[2] ?? ""]) })
    #expect(jobs == Self.jobs(content), "rows and document, seed \(seed)")
    let name = try database.value("select name from workflows where id = '\(sample.id)'")
    #expect(name == content["workflow"]?["name"]?.string, "rows and document, seed \(seed)")
  }
}

extension Sequence {
  /// What becomes of each element, one after the other.
  fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
