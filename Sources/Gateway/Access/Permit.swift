import Storage
import Tokens
import Workflow

/// What somebody may do with a document.
enum Permit {
  /// Everything: nobody has to say who they are.
  case unchecked
  /// Read it, and perhaps write in it.
  case granted(VerifiedToken, Actor, mayEdit: Bool)
  case refused(AccessRefusal)

  init(_ answer: AccessAnswer, _ token: VerifiedToken) {
    switch answer {
    case .known(let access) where access.may(.read):
      self = .granted(token, access.actor, mayEdit: access.may(.edit))
    case .known: self = .refused(.forbidden(.read))
    case .revoked: self = .refused(.revoked)
    case .unknown: self = .refused(.unknownSubject)
    }
  }

  /// Who it is; nil where nobody has to say.
  var actor: Actor? {
    if case .granted(_, let actor, _) = self { actor } else { nil }
  }
}
