import Foundation
import TestSupport
import Workflow

/// A real Yjs client in a process of its own, driven command by command. README.md in Clients has the commands.
///
/// Every wait has a limit; what the client says when it is over becomes the error of the test.
final class ScriptedClient: Sendable {
  /// The client could not do what it was told.
  struct Failure: Error, CustomStringConvertible {
    var client: String
    var command: String
    var message: String

    var description: String { "\(client), \(command): \(message)" }
  }

  /// Which implementation is behind it.
  enum Kind: String, Sendable, CaseIterable {
    /// node-yjs with the WebsocketProvider of y-websocket.
    case node
    /// pycrdt (Yrs) with its Provider.
    case python
    /// node-yjs with a provider of the Hocuspocus protocol.
    case hocuspocus
    /// node-yjs with a provider over Phoenix channels.
    case phoenix
  }

  let kind: Kind
  private let process: LineProcess
  private let answers = Watched(Answers())

  private struct Answers: Sendable {
    var next = 0
    var byNumber: [Int: JSONValue] = [:]
  }

  /// `certificate` is the file of one that is trusted beside those that everybody trusts.
  init(_ kind: Kind, trusting certificate: String? = nil) throws {
    self.kind = kind
    let answers = answers
    let receive: @Sendable (String) -> Void = { line in
      guard let answer = try? JSONValue(parsing: line), let number = answer["id"]?.integer else { return }
      answers.update { $0.byNumber[number] = answer }
    }
    let scripts = Repository.root.appendingPathComponent("Tests/Interop/Clients")
    process =
      switch kind {
      case .node, .hocuspocus, .phoenix:
        try LineProcess(
          "/usr/bin/env", ["node", scripts.appendingPathComponent("node-client.cjs").path, kind.rawValue],
          environment: certificate.map { ["NODE_EXTRA_CA_CERTS": $0] } ?? [:], onLine: receive)
      case .python:
        try LineProcess(
          Repository.root.appendingPathComponent(".venv/bin/python").path,
          [scripts.appendingPathComponent("python-client.py").path], onLine: receive)
      }
  }

  /// Ends the client. A client that is not told to disconnect first vanishes without a goodbye.
  func stop() async throws {
    process.closeInput()
    try await process.waitForExit()
  }

  deinit {
    process.signal(SIGKILL)
  }

  /// Has the client do something and returns its answer.
  @discardableResult
  func perform(
    _ command: String, _ arguments: [String: JSONValue] = [:], limit: Duration = .seconds(15)
  ) async throws -> JSONValue {
    let number = answers.update { answers in
      answers.next += 1
      return answers.next
    }
    var line = arguments
    line["id"] = JSONValue(number)
    line["do"] = .string(command)
    try process.write(line: JSONValue.object(line).text)
    let answer = try await answers.wait(for: "\(kind) client's answer to \(command)", limit: limit) {
      $0.byNumber[number]
    }
    answers.update { $0.byNumber[number] = nil }
    if let message = answer["error"]?.string {
      throw Failure(
        client: kind.rawValue, command: "\(command) \(JSONValue.object(arguments).text.prefix(200))", message: message)
    }
    return answer["ok"] ?? .null
  }
}

/// Where the repository is: the scripts and the Python environment are found from here.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../..").standardized
}
