import Storage
import Tokens
import Workflow

/// What somebody who calls may do: asked of the database each time, from any thread.
struct Clearance: Sendable {
  private let store: Store
  /// Nil where no authentication is configured: then everything is allowed.
  private let token: VerifiedToken?

  init(store: Store, token: VerifiedToken?) {
    self.store = store
    self.token = token
  }

  /// Who may do what was asked for.
  enum Decision: Sendable {
    /// With nil where nobody has to say who they are.
    case allowed(KnownAccess?)
    case refused(AccessRefusal)
  }

  /// Whether something may be done with all of these. With nothing it may be done by everybody who is known.
  func decide(_ verb: Verb, _ targets: [AccessQuestion.Target], _ completion: @escaping @Sendable (Decision) -> Void) {
    guard let token else { return completion(.allowed(nil)) }
    let questions = (targets.isEmpty ? [.server] : targets).map { AccessQuestion(token.credential, $0) }
    store.readAccess(questions) { result in
      switch result {
      case .success(let answers): completion(Self.decision(targets.isEmpty ? nil : verb, answers))
      case .failure(let error): completion(.refused(.unavailable("\(error)")))
      }
    }
  }

  private static func decision(_ verb: Verb?, _ answers: [AccessAnswer]) -> Decision {
    var known: KnownAccess?
    for answer in answers {
      switch answer {
      case .known(let access):
        if let verb, !access.may(verb) { return .refused(.forbidden(verb)) }
        known = access
      case .revoked: return .refused(.revoked)
      case .unknown: return .refused(.unknownSubject)
      }
    }
    return .allowed(known)
  }
}

extension KnownAccess {
  /// Whether somebody may do this. A project without members is one that nobody has made his own yet: who may make projects may
  /// import it.
  func may(_ verb: Verb) -> Bool {
    if capacity.may(verb) { return true }
    return (verb == .importing || verb == .plan) && !hasMembers && capacity.may(.createProject)
  }
}
