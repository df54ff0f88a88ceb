import Foundation
import TestSupport
import Testing
import Workflow

/// Several real servers on one database.
final class NodeGroup {
  let database: String
  private(set) var servers: [HeddleServer]

  /// Starts them, and waits until each knows of all.
  init(_ count: Int, arguments: [String] = []) async throws {
    database = try TestPostgres.makeDatabase()
    servers = []
    for _ in 0..<count {
      servers.append(
        try await HeddleServer(arguments: ["--database-url", database, "--node-lease", "1s"] + arguments))
    }
    for server in servers {
      try await until("a node sees \(count)") { try await server.metric("heddle_nodes") == count }
    }
  }

  subscript(index: Int) -> HeddleServer { servers[index] }

  /// The sum of a metric of all servers.
  func sum(_ metric: String) async throws -> Int {
    var sum = 0
    for server in servers { sum += try await server.metric(metric) }
    return sum
  }

  /// Ends one without giving it a chance. It counts no more.
  func kill(_ index: Int) async throws {
    try await servers.remove(at: index).kill()
  }

  func stop() async throws {
    for server in servers { try await server.stop() }
  }
}

extension HeddleServer {
  /// The value of a metric without labels.
  func metric(_ name: String) async throws -> Int {
    let text = try await request("GET", "/metrics").body.string ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
    return try #require(line?.split(separator: " ").last.flatMap { Int($0) }, "there is no \(name)")
  }
}
