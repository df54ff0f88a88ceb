import Workflow

/// The credentials that jobs of a file name, and their ids.
struct CredentialNames {
  private var ids: [String: String] = [:]
  private let references: [String: String]
  private let newID: () -> String
  /// Those that the project does not have yet.
  private(set) var added: [ProjectCredential] = []

  init(
    _ specification: ProjectSpecification, _ state: ProjectState?, _ existing: ProjectContent?,
    _ newID: @escaping () -> String
  ) {
    self.newID = newID
    let known = existing?.credentials ?? []
    references = Dictionary(known.map { ($0.id, $0.reference) }) { first, _ in first }
    // Of two with one name and owner the first one is meant.
    for credential in known.reversed() {
      ids[NaturalKey.hyphenated("\(credential.owner)-\(credential.name)")] = credential.id
    }
    for credential in known.reversed() { ids[credential.reference] = credential.id }
    for credential in specification.credentials {
      let stated = state?.credentials[credential.key].flatMap { references[$0] == credential.reference ? $0 : nil }
      ids[credential.key] =
        stated ?? ids[credential.reference]
        ?? add(ProjectCredential(id: newID(), name: credential.name, owner: credential.owner))
      if let id = ids[credential.key], ids[credential.reference] == nil { ids[credential.reference] = id }
    }
  }

  /// The id of the credential that a job calls `name`; nil where nothing is known by that name. What a job has already stays
  /// where it is called the same.
  mutating func id(_ name: String, current: String?) -> String? {
    if let id = ids[name] {
      if let current, let reference = references[current], reference == references[id] { return current }
      return id
    }
    // It says itself what it is.
    let parts = name.split(separator: "|", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let id = add(ProjectCredential(id: newID(), name: String(parts[1]), owner: String(parts[0])))
    ids[name] = id
    return id
  }

  /// Whether files can name the credential.
  func isNamed(_ id: String) -> Bool { references[id] != nil }

  private mutating func add(_ credential: ProjectCredential) -> String {
    added.append(credential)
    return credential.id
  }
}

extension ProjectCredential {
  /// `owner|name`, as files call it.
  var reference: String { "\(owner)|\(name)" }
}
