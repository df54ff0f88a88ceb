import Foundation
import TestSupport
import YCRDT

/// Another implementation in a process of its own that answers questions, one line of JSON each.
final class Peer: Sendable {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardized
  private static let clients = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Clients")

  private let process: LineProcess
  private let asked = Watched(0)

  private init(_ process: LineProcess) {
    self.process = process
  }

  /// Yjs in node.
  static func yjs() throws -> Peer {
    Peer(try LineProcess("/usr/bin/env", ["node", clients.appendingPathComponent("yjs-peer.cjs").path]))
  }

  /// Yrs through pycrdt.
  static func yrs() throws -> Peer {
    let python =
      ProcessInfo.processInfo.environment["HEDDLE_PYTHON"] ?? root.appendingPathComponent(".venv/bin/python").path
    return Peer(try LineProcess(python, [clients.appendingPathComponent("yrs-peer.py").path]))
  }

  /// Asks for the state after these updates, in this order.
  func state(after updates: [[UInt8]]) async throws -> PeerState {
    let list = updates.map { "\"" + Data($0).base64EncodedString() + "\"" }.joined(separator: ",")
    return try await ask("{\"apply\":[\(list)]}")
  }

  /// Asks for a history of the peer's own.
  func history(seed: UInt64, clients: Int, steps: Int) async throws -> PeerState {
    try await ask("{\"author\":\(seed),\"clients\":\(clients),\"steps\":\(steps)}")
  }

  private func ask(_ question: String) async throws -> PeerState {
    let number = asked.update { count in
      count += 1
      return count
    }
    try process.write(line: question)
    let line = try await process.progress.wait(for: "an answer", limit: .seconds(60)) { progress in
      progress.lines.count >= number ? progress.lines[number - 1] : nil
    }
    return try PeerState(VectorJSON(parsing: Array(line.utf8)))
  }

  func close() { process.closeInput() }
}

/// What a peer shows.
struct PeerState {
  struct Refusal: Error {
    var reason: String
  }

  var json: YValue
  var delta: YValue
  var vector: StateVector
  var v1: [UInt8]
  var v2: [UInt8]?
  var updates: [[UInt8]]

  init(_ answer: VectorJSON) throws {
    if let error = answer["error"]?.string { throw Refusal(reason: error) }
    json = answer["json"]?.string.flatMap { YValue(jsonText: $0) } ?? .undefined
    delta = answer["delta"]?.string.flatMap { YValue(jsonText: $0) } ?? .undefined
    vector = try StateVector(decoding: answer["vector"]?.bytes ?? [])
    v1 = answer["v1"]?.bytes ?? []
    v2 = answer["v2"]?.bytes
    updates = answer["updates"]?.array.compactMap(\.bytes) ?? []
  }
}
