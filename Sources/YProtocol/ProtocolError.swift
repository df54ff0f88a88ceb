/// What is wrong with a message of a client, in words that can go back to it.
public enum ProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A part of a message, as errors name it.
  public enum Part: String, Hashable, Sendable {
    case messageType = "message type"
    case syncType = "sync message type"
    case stateVector = "state vector"
    case update
    case awareness
    case authentication = "authentication message"
    case syncStatus = "sync status"
    case event
    case documentName = "name of a document"
    case stateless = "stateless message"
    case closeReason = "reason of a close"
    case phoenixHead = "head of a binary frame"
  }

  /// The bytes end too early or hold a value that the format does not know.
  case malformed(Part, ByteDecodingError)
  /// A sync message that is neither step 1, step 2 nor update. There is no safe way to ignore one: it may be an edit.
  case unknownSyncType(UInt64)
  /// A binary frame of Phoenix channels that is no push, which alone clients send.
  case unknownPhoenixKind(UInt8)
  /// A part above its limit, in bytes.
  case tooLarge(Part, bytes: Int, limit: Int)
  /// An awareness update about more clients than a room may have.
  case tooManyAwarenessEntries(Int, limit: Int)
  /// An awareness state that is not JSON.
  case invalidState(client: UInt64, JSONSyntaxError)

  public var description: String {
    switch self {
    case .malformed(let part, let error):
      "malformed \(part.rawValue): \(error)"
    case .unknownSyncType(let type):
      "unknown sync message type \(type), expected 0 (step 1), 1 (step 2) or 2 (update)"
    case .unknownPhoenixKind(let kind):
      "binary frame of kind \(kind), expected 0 (push)"
    case .tooLarge(let part, let bytes, let limit):
      "\(part.rawValue) of \(bytes) bytes, at most \(limit) are accepted"
    case .tooManyAwarenessEntries(let count, let limit):
      "awareness of \(count) clients in one message, at most \(limit) are accepted"
    case .invalidState(let client, let error):
      "the awareness state of client \(client) is not JSON: \(error)"
    }
  }
}
