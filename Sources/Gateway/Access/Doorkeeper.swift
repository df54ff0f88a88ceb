import Storage
import Tokens
import Workflow

/// Lets requests and websockets in, or not. Confined to the loop's thread.
final class Doorkeeper {
  private let loop: EventLoop
  private let store: Store
  /// Nil where nobody has to say who they are.
  let authentication: Authentication?
  private let origins: OriginPolicy

  init(loop: EventLoop, store: Store, authentication: Authentication?, origins: OriginPolicy) {
    self.loop = loop
    self.store = store
    self.authentication = authentication
    self.origins = origins
  }

  // MARK: Requests

  /// Goes on with a call whose route demands something, or answers that it is refused.
  func admit(_ call: Call, _ demand: Demand, _ body: @escaping (Call) -> Void) {
    guard demand != .nothing else { return body(call) }
    let isSafe = call.request.method == "GET" || call.request.method == "HEAD"
    guard isSafe || origins.allows(call.request) else { return refuse(call, .origin) }
    guard authentication != nil else { return body(call) }
    identify(call.request) { [self] result in
      switch result {
      case .failure(let refusal): refuse(call, refusal)
      case .success(let token) where token.isForConnections: refuse(call, .connectionsOnly)
      case .success(let token):
        guard let (verb, target) = demand.question(call) else { return body(call.with(token, nil)) }
        check(token, verb, target) { [self] decision in
          switch decision {
          case .allowed(let access): body(call.with(token, access))
          case .refused(let refusal): refuse(call, refusal)
          }
        }
      }
    }
  }

  /// Asks whether somebody may do something, who shows a token or need not; `completion` is called on the loop.
  func check(
    _ token: VerifiedToken?, _ verb: Verb, _ target: AccessQuestion.Target,
    _ completion: @escaping (Clearance.Decision) -> Void
  ) {
    let waiting = Confined(completion)
    Clearance(store: store, token: token).decide(verb, [target]) { [loop] decision in
      loop.execute { waiting.value(decision) }
    }
  }

  private func refuse(_ call: Call, _ refusal: AccessRefusal) {
    note(refusal, call.request.peer)
    call.respond(refusal.response)
  }

  // MARK: Tokens

  /// Whose request it is. `completion` is called on the loop.
  func identify(_ request: HTTPRequest, _ completion: @escaping (Result<VerifiedToken, AccessRefusal>) -> Void) {
    identify(request.token, of: request.peer, completion)
  }

  private func identify(
    _ token: String?, of peer: Peer, _ completion: @escaping (Result<VerifiedToken, AccessRefusal>) -> Void
  ) {
    guard let token, !token.isEmpty else { return completion(.failure(.noToken)) }
    guard peer.isPrivate || authentication?.takesPlaintextTokens == true else {
      return completion(.failure(.plaintext))
    }
    guard loop.addresses.admitsToken(of: peer, now: loop.now) else { return completion(.failure(.tooManyTokens)) }
    let waiting = Confined(completion)
    verify(token) { [loop] result in
      loop.execute {
        if case .failure = result { loop.addresses.refusedToken(of: peer, now: loop.now) }
        waiting.value(result.mapError(AccessRefusal.token))
      }
    }
  }

  private func verify(
    _ token: String, _ completion: @escaping @Sendable (Result<VerifiedToken, TokenRefusal>) -> Void
  ) {
    guard let authentication else { return completion(.failure(.malformed)) }
    authentication.verifier.verify(token, now: TimeOfDay.now, completion)
  }

  // MARK: Websockets

  /// What becomes of a websocket for a document, where somebody has to say who they are. `completion` is called on the loop.
  func admit(_ request: HTTPRequest, to name: DocumentName, _ completion: @escaping (Permit) -> Void) {
    admit(request.token, of: request.peer, to: name, completion)
  }

  /// Whose websocket it is where one websocket is for many documents. `completion` is called on the loop.
  func admitSocket(
    _ request: HTTPRequest, _ completion: @escaping (Result<VerifiedToken, AccessRefusal>) -> Void
  ) {
    identify(request) { [self] result in
      guard case .success(let token) = result else { return completion(result) }
      let waiting = Confined(completion)
      Clearance(store: store, token: token).decide(.read, []) { [loop] decision in
        loop.execute {
          if case .refused(let refusal) = decision { waiting.value(.failure(refusal)) } else { waiting.value(result) }
        }
      }
    }
  }

  /// The same with a token that came in a message from `peer`.
  func admit(
    _ token: String?, of peer: Peer, to name: DocumentName, _ completion: @escaping (Permit) -> Void
  ) {
    func refuse(_ refusal: AccessRefusal) {
      note(refusal, peer)
      completion(.refused(refusal))
    }
    identify(token, of: peer) { [self] result in
      switch result {
      case .failure(let refusal): refuse(refusal)
      case .success(let token):
        look(token, name) { permit in
          if case .refused(let refusal) = permit { refuse(refusal) } else { completion(permit) }
        }
      }
    }
  }

  private func look(_ token: VerifiedToken, _ name: DocumentName, _ completion: @escaping (Permit) -> Void) {
    look(token, .workflow(name.workflowID), completion)
  }

  /// What somebody with a token may do with the documents of a workflow or a project. `completion` is called on the loop.
  func look(_ token: VerifiedToken, _ target: AccessQuestion.Target, _ completion: @escaping (Permit) -> Void) {
    look([(token, target)]) { permits in
      completion(permits?.first ?? .refused(.unavailable("the database cannot be reached")))
    }
  }

  /// What those with these tokens may do with these; nil where that cannot be found out now. `completion` is called on the
  /// loop.
  func look(_ places: [(VerifiedToken, AccessQuestion.Target)], _ completion: @escaping ([Permit]?) -> Void) {
    let waiting = Confined(completion)
    let questions = places.map { AccessQuestion($0.credential, $1) }
    store.readAccess(questions) { [loop] result in
      let permits = (try? result.get()).map { zip($0, places).map { Permit($0, $1.0) } }
      loop.execute { waiting.value(permits) }
    }
  }

  /// Whether the page that opens a websocket may; else what it is answered.
  func refusal(toUpgrade request: HTTPRequest) -> HTTPResponse? {
    guard !origins.allows(request) else { return nil }
    note(.origin, request.peer)
    return AccessRefusal.origin.response
  }

  /// Writes down that somebody was refused; of many within a second, some. What was sent is not among it.
  func note(_ refusal: AccessRefusal, _ peer: Peer) {
    loop.refused(refusal.counted, peer, because: refusal.reason, "access refused")
  }

  // MARK: Large bodies

  /// Whether a body is taken that is large: not of who shows no good token, where tokens are wanted. What it may be used for is
  /// looked at later.
  func judgeBody(of request: HTTPRequest, _ demand: Demand, exchange: HTTPExchange) -> BodyDecision {
    guard demand != .nothing, authentication != nil else { return .take }
    identify(request) { [self] result in
      switch result {
      case .success: loop.decide(exchange, body: .take)
      case .failure(let refusal):
        note(refusal, request.peer)
        loop.refused(.unauthenticatedBody, request.peer)
        loop.decide(exchange, body: .refuse(refusal.response))
      }
    }
    return .later
  }
}
