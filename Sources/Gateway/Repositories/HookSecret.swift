public import Storage
import Workflow

/// What a repository signs its messages with. Made anew each time from a secret of the servers and the connection, and kept
/// nowhere.
public struct HookSecret: Sendable {
  /// As people give it to the repository: hexadecimal digits.
  public let text: String

  public init(_ connection: RepositoryConnection, serverSecret: [UInt8]) {
    self.init(id: connection.id, nonce: connection.hookNonce, serverSecret)
  }

  private init(id: String, nonce: String, _ serverSecret: [UInt8]) {
    text = Hexadecimal.text(MessageCode.code(Array("hook\n\(id)\n\(nonce)".utf8), secret: serverSecret))
  }

  /// One that nobody knows, so that messages for connections which there are not take as long to refuse as others.
  static func unknown(_ serverSecret: [UInt8]) -> HookSecret {
    HookSecret(id: "", nonce: "", serverSecret)
  }
}
