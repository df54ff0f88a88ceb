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
    case .unavailable(let why): "it cannot be found out now what you may do: \(why)"
    }
  }

  /// Whether another token may help.
  var isAboutToken: Bool {
    switch self {
    case .noToken, .token, .revoked, .unknownSubject: true
    case .forbidden, .connectionsOnly, .origin, .unavailable: false
    }
  }

  var response: HTTPResponse {
    if case .unavailable = self { return ErrorBody.response(503, reason) }
    let type = isAboutToken ? "unauthenticated" : "unauthorized"
    var response = ErrorBody.response(isAboutToken ? 401 : 403, errors: ["base": [.string(reason)]], type: type)
    if isAboutToken { response.headers.append((name: "www-authenticate", value: challenge)) }
    return response
  }

  /// How RFC 6750 wants it.
  private var challenge: String { self == .noToken ? "Bearer" : "Bearer error=\"invalid_token\"" }

  /// What a websocket is closed with.
  var closeCode: WebSocketCloseCode {
    if case .unavailable = self { return .tryAgainLater }
    return isAboutToken ? .unauthenticated : .forbidden
  }
}

extension WebSocketCloseCode {
  /// The token is missing, wrong or over: come back with another one.
  static let unauthenticated = WebSocketCloseCode(rawValue: 4401)
  /// The token is good, and its owner may not: coming back does not help.
  static let forbidden = WebSocketCloseCode(rawValue: 4403)
}
