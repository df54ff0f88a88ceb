import Workflow

/// Whose credentials an import may attach to a project.
public enum CredentialRule: Hashable, Sendable {
  /// Whatever the document names: nobody has said who they are.
  case anybodys
  /// Those of the user whose e-mail address this is, and of them those that are known, by name. What the document says of
  /// others' is not looked at.
  case own(email: String, known: Set<String>)
  /// None: it is no user who imports.
  case nobodys

  /// Whether a credential that is not attached yet is to be; notes on its entry where that should be and cannot.
  func attaches(_ credential: ProjectCredential, _ entry: inout ImportNode) -> Bool {
    switch self {
    case .anybodys: return true
    case .nobodys: return false
    case .own(let email, let known):
      guard credential.owner.lowercased() == email.lowercased() else { return false }
      if !known.contains(credential.name) { entry.add("name", "No credential found with name \(credential.name)") }
      return true
    }
  }
}

extension ProjectContent {
  /// Whether it has the credential: by its id, or where none is given by its owner and name.
  func isAttached(_ credential: ProjectCredential) -> Bool {
    credentials.contains {
      credential.id.isEmpty ? $0.name == credential.name && $0.owner == credential.owner : $0.id == credential.id
    }
  }
}
