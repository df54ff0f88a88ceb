/// What the server turns away to protect itself, by the limit that is met.
enum Refusal: String, CaseIterable, Sendable {
  /// Connections over the limit of all, of one address, or too many new ones of it.
  case connections
  case addressConnections = "address_connections"
  case addressRequests = "address_requests"
  case addressTokens = "address_tokens"
  /// A token that others could have read.
  case plaintextToken = "plaintext_token"
  case access
  case origin
  /// A request that is not well-formed, too large, or too slow.
  case request
  case unauthenticatedBody = "unauthenticated_body"
  case bodies
  /// A websocket that sends too fast is not read for a while.
  case memberRate = "member_rate"
  case controlFrames = "control_frames"
  case fragments
  case messageSize = "message_size"
  /// A project has too many documents open for one more.
  case projectDocuments = "project_documents"
  /// A websocket whose client did not say in time who it is.
  case authenticationTime = "authentication_time"
}

/// How often each was met.
struct RefusalCounts: Sendable {
  private var counts: [Refusal: Int] = [:]

  subscript(refusal: Refusal) -> Int {
    get { counts[refusal] ?? 0 }
    set { counts[refusal] = newValue }
  }
}
