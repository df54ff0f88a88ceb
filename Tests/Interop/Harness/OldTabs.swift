import Foundation
import TestSupport
import Testing
import Workflow

/// A server on a database that outlives it, at an address that stays: so that what is stored can be damaged, deleted and set
/// back while clients are connected, and they come back by themselves.
final class MortalServer {
  private(set) var conninfo: String
  private(set) var server: HeddleServer

  init() async throws {
    conninfo = try TestPostgres.makeDatabase()
    server = try await HeddleServer(arguments: ["--database-url", conninfo])
  }

  /// Ends it without giving it a chance, does something to the database, and starts it again where it was.
  func kill(_ meanwhile: (PlainConnection) throws -> Void) async throws {
    try await server.kill()
    try meanwhile(PlainConnection(conninfo))
    server = try await HeddleServer(arguments: ["--database-url", conninfo], port: server.port)
  }

  /// Ends it, makes a backup, and starts it again.
  func backup() async throws -> String {
    try await server.kill()
    let copy = try TestPostgres.copyDatabase(conninfo)
    server = try await HeddleServer(arguments: ["--database-url", conninfo], port: server.port)
    return copy
  }

  /// Ends it without giving it a chance, and starts it again over a backup.
  func restore(_ backup: String) async throws {
    try await move { try TestPostgres.copyDatabase(backup) }
  }

  /// Ends it without giving it a chance, and starts it again on another database, which is made meanwhile.
  func move(to database: () async throws -> String) async throws {
    try await server.kill()
    conninfo = try await database()
    server = try await HeddleServer(arguments: ["--database-url", conninfo], port: server.port)
  }

  /// Runs a command on the database.
  func command(_ arguments: String...) async throws -> (exit: Int32, output: String) {
    let process = try LineProcess(HeddleServer.executable, arguments + ["--database-url", conninfo])
    let (exit, lines) = try await process.waitForEnd(limit: .seconds(60))
    return (exit, lines.joined(separator: "\n"))
  }

  func stop() async throws { try await server.stop() }
}

/// What became of old tabs.
extension SampleWorkflow {
  /// The open branches, with all that they hold.
  func branches(on server: HeddleServer) async throws -> [JSONValue] {
    let (status, list) = try await server.request("GET", "/api/workflows/\(id)/branches")
    try #require(status == 200, "\(list.text)")
    var branches: [JSONValue] = []
    for entry in list["data"]?.array ?? [] {
      let (_, branch) = try await server.request(
        "GET", "/api/workflows/\(id)/branches/\(entry["id"]?.integer ?? 0)")
      branches.append(branch["data"] ?? .null)
    }
    return branches
  }

  /// Does something with the workflow.
  @discardableResult
  func post(_ path: String, on server: HeddleServer) async throws -> JSONValue {
    let (status, answer) = try await server.request("POST", "/api/workflows/\(id)/\(path)")
    try #require(status == 200, "\(path): \(answer.text)")
    return answer
  }

  /// Checks that nothing is there twice in what a client shows.
  func expectNothingDoubled(
    _ client: ScriptedClient, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let content = try await client.content()
    for root in ["jobs", "triggers", "edges"] {
      let ids = (content[root]?.array ?? []).compactMap { $0["id"]?.string }
      #expect(Set(ids).count == ids.count, "\(client.kind), \(what): \(root)", sourceLocation: sourceLocation)
    }
  }
}
