import Workflow

/// The signature of a message of a repository, in one of the two forms that are known.
enum HookSignature: Hashable, Sendable {
  /// Of a time, in seconds since 1970, and the body.
  case timed(Int64, signature: String)
  /// Of the body only, as hosting services send it.
  case plain(signature: String)

  /// How a signature begins.
  static let prefix = "sha256="

  /// Reads the headers of a request; nil where there is no signature in them.
  init?(_ request: HTTPRequest) {
    if let signature = Self.signature(request.header("x-heddle-signature")) {
      guard let time = request.header("x-heddle-timestamp").flatMap({ Int64($0) }) else { return nil }
      self = .timed(time, signature: signature)
    } else if let signature = Self.signature(request.header("x-hub-signature-256")) {
      self = .plain(signature: signature)
    } else {
      return nil
    }
  }

  private static func signature(_ header: String?) -> String? {
    guard let header, header.hasPrefix(prefix), header.utf8.count == prefix.utf8.count + SHA256.byteCount * 2 else {
      return nil
    }
    return header.lowercased()
  }

  /// What names the message: nobody else can make another one with it.
  var id: String {
    switch self {
    case .timed(_, let signature), .plain(let signature): String(signature.dropFirst(Self.prefix.count))
    }
  }

  /// Whether the message was signed with the secret. O(body).
  func fits(_ body: [UInt8], _ secret: HookSecret) -> Bool {
    switch self {
    case .timed(let time, let signature):
      MessageCode.isEqual(signature, Self.text(of: Array("\(time).".utf8) + body, secret))
    case .plain(let signature): MessageCode.isEqual(signature, Self.text(of: body, secret))
    }
  }

  /// Whether the message was made within the window. One that names no time cannot be told to be old.
  func isRecent(now: Int64, window: Duration) -> Bool {
    guard case .timed(let time, _) = self else { return true }
    let (difference, overflow) = (now / 1000).subtractingReportingOverflow(time)
    return !overflow && difference.magnitude <= UInt64(window.components.seconds)
  }

  /// The signature of some bytes.
  static func text(of bytes: [UInt8], _ secret: HookSecret) -> String {
    prefix + Hexadecimal.text(MessageCode.code(bytes, secret: Array(secret.text.utf8)))
  }
}
