import Tokens
import Workflow

/// Why somebody may not do something.
enum AccessRefusal: Error, Hashable, Sendable {
  /// It is not known who it is.
  case noToken
  case token(TokenRefusal)
  case revoked
  case unknownSubject
  /// It is known, and not allowed.
  case forbidden(Verb)
  /// The token is good for opening connections only.
  case connectionsOnly
  case origin
  /// The token came over a connection that others can read.
  case plaintext
  /// Too many tokens of this address were no good.
  case tooManyTokens
  /// It cannot be found out now; says why.
  case unavailable(String)

  /// For people.
  var reason: String {
    switch self {
    case .noToken: "a token is needed: send 'Authorization: Bearer <token>', for a websocket '?token=<token>'"
    case .token(let refusal): "\(refusal)"
    case .revoked: "the token was revoked"
    case .unknownSubject: "the token is nobody's who is known here"
    case .forbidden(let verb): "you don't have permission for this (\(verb.rawValue))"
    case .connectionsOnly: "this token is for opening connections only"
    case .origin: "this origin is not allowed (--allowed-origins)"
    case .plaintext:
      "this token came unencrypted from another machine, where others can read it: connect over TLS, to a proxy that is named with "
        + "--trusted-proxies and says so (X-Forwarded-Proto), or have --allow-plaintext-tokens set; and get another token"
    case .tooManyTokens: "too many tokens from your address were no good; come back later"
    case .unavailable(let why): "it cannot be found out now what you may do: \(why)"
    }
  }

  /// Whether another token may help.
  var isAboutToken: Bool {
    switch self {
    case .noToken, .token, .revoked, .unknownSubject: true
    case .forbidden, .connectionsOnly, .origin, .plaintext, .tooManyTokens, .unavailable: false
    }
  }

  var response: HTTPResponse {
    if case .unavailable = self { return ErrorBody.response(503, reason) }
    if self == .tooManyTokens {
      var response = ErrorBody.response(429, reason)
      response.headers.append((name: "retry-after", value: "10"))
      return response
    }
    let type = isAboutToken ? "unauthenticated" : "unauthorized"
    var response = ErrorBody.response(isAboutToken ? 401 : 403, errors: ["base": [.string(reason)]], type: type)
    if isAboutToken { response.headers.append((name: "www-authenticate", value: challenge)) }
    return response
  }

  /// How RFC 6750 wants it.
  private var challenge: String { self == .noToken ? "Bearer" : "Bearer error=\"invalid_token\"" }

  /// What is counted.
  var counted: Refusal {
    switch self {
    case .origin: .origin
    case .plaintext: .plaintextToken
    case .tooManyTokens: .addressTokens
    default: .access
    }
  }

  /// What a websocket is closed with.
  var closeCode: WebSocketCloseCode {
    switch self {
    case .unavailable, .tooManyTokens: return .tryAgainLater
    default: break
    }
    return isAboutToken ? .unauthenticated : .forbidden
  }
}

extension WebSocketCloseCode {
  /// The token is missing, wrong or over: come back with another one.
  static let unauthenticated = WebSocketCloseCode(rawValue: 4401)
  /// The token is good, and its owner may not: coming back does not help.
  static let forbidden = WebSocketCloseCode(rawValue: 4403)
}
