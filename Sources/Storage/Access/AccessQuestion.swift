public import Workflow

/// What somebody with a token wants to know: what they may do with something.
public struct AccessQuestion: Hashable, Sendable {
  /// What it is about.
  public enum Target: Hashable, Sendable {
    /// Nothing that belongs to a project.
    case server
    case project(String)
    case workflow(String)
  }

  public var credential: Credential
  public var target: Target

  public init(_ credential: Credential, _ target: Target) {
    self.credential = credential
    self.target = target
  }
}

/// Who somebody with a token is, and what to a project.
public enum AccessAnswer: Hashable, Sendable {
  case known(KnownAccess)
  /// The token was taken back, or all that were issued before a time.
  case revoked
  /// There is no such user, or no such connection of a repository.
  case unknown
}

/// Who somebody is, and what to the project that was asked about.
public struct KnownAccess: Hashable, Sendable {
  public var actor: Actor
  public var capacity: Capacity
  /// The project; nil where there is none, or none was asked about.
  public var projectID: String?
  /// Whether anybody is a member of it.
  public var hasMembers: Bool

  public init(actor: Actor, capacity: Capacity, projectID: String? = nil, hasMembers: Bool = false) {
    self.actor = actor
    self.capacity = capacity
    self.projectID = projectID
    self.hasMembers = hasMembers
  }
}
