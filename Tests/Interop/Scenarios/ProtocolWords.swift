import Workflow

/// How the protocols say the same things. A further one adds its words here and its case to `ScriptedClient.Kind`.
extension ScriptedClient {
  /// Waits until it is told that it may not have the document, any more or at all.
  func waitUntilDenied(_ count: Int = 1) async throws { try await wait(.denied(count)) }

  /// Waits until it is told that its token is not taken. Over Phoenix channels the handshake says so.
  func waitUntilTokenIsRefused() async throws {
    if kind == .phoenix { try await wait(.closes(1)) } else { try await wait(.denied(1)) }
  }

  /// Waits until it is told that it may read and not write.
  func waitUntilReader() async throws {
    switch kind {
    case .node, .python: try await wait(.denied(1))
    case .hocuspocus: try await wait(Condition(json: ["scope": "readonly"]))
    case .phoenix: try await wait(Condition(json: ["event": "session_context_updated"]))
    }
  }

  /// Waits until it is told that an edit of a reader was not taken.
  func waitUntilEditIsRefused() async throws {
    switch kind {
    case .node, .python: try await wait(.denied(1))
    case .hocuspocus, .phoenix: try await wait(Condition(json: ["refused": 1]))
    }
  }

  /// Waits until it is told that it may write.
  func waitUntilWriter() async throws {
    switch kind {
    case .node, .python: break
    case .hocuspocus: try await wait(Condition(json: ["scope": "read-write"]))
    case .phoenix: try await wait(Condition(json: ["event": "session_context_updated"]))
    }
  }

  /// Whether it is closed after a while where it was refused from the start. Where the websocket is for many documents it stays.
  var isClosedWhereRefused: Bool { kind == .node || kind == .python }

  /// With what it is closed where its token is not good any more, and where its owner may not. Hocuspocus closes the document
  /// and not the websocket.
  var lossCodes: (token: Int, owner: Int) {
    switch kind {
    case .node, .python: (4401, 4403)
    case .hocuspocus: (1000, 1000)
    case .phoenix: (4401, 1000)
    }
  }

  /// A frame of this protocol that nobody can read.
  func malformedFrame(_ document: String) -> [UInt8] {
    let message: [UInt8] = [0, 7, 1, 0]
    switch kind {
    case .node, .python: return message
    case .hocuspocus: return [UInt8(document.utf8.count)] + Array(document.utf8) + message
    case .phoenix: return [9]
    }
  }

  /// The code of the last close.
  func lastClose() async throws -> Int? { try await summary()["closes"]?.array?.last?["code"]?.integer }
}
