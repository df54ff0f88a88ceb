/// Whom a token speaks for.
public enum Subject: Hashable, Sendable {
  /// A user, by id or by what an identity provider calls it.
  case user(String)
  /// The repository that is connected to a project, by the project's id.
  case repository(projectID: String)

  private static let repositoryPrefix = "repository:"

  /// Reads the `sub` of a token; nil where it names nobody.
  public init?(_ text: String) {
    if text.hasPrefix(Self.repositoryPrefix) {
      let id = text.dropFirst(Self.repositoryPrefix.count)
      guard DocumentName.isUUID(id) else { return nil }
      self = .repository(projectID: id.lowercased())
    } else {
      guard !text.isEmpty, text.utf8.count <= 255, !text.utf8.contains(0) else { return nil }
      self = .user(DocumentName.isUUID(text) ? text.lowercased() : text)
    }
  }

  /// As tokens have it.
  public var text: String {
    switch self {
    case .user(let id): id
    case .repository(let projectID): Self.repositoryPrefix + projectID
    }
  }
}

/// What a token that was verified says of itself, as far as it matters afterwards.
public struct Credential: Hashable, Sendable {
  public var subject: Subject
  /// The token's own id, and of the one that it was made from: what can be revoked.
  public var tokenIDs: [String]
  /// In milliseconds since 1970. A token that does not say it counts as old.
  public var issuedAt: Int64

  public init(subject: Subject, tokenIDs: [String] = [], issuedAt: Int64) {
    self.subject = subject
    self.tokenIDs = tokenIDs
    self.issuedAt = issuedAt
  }
}
