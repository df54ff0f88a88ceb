public import Workflow

/// Somebody who has an account.
public struct UserRecord: Hashable, Sendable {
  public var id: String
  public var email: String
  public var firstName: String?
  public var lastName: String?
  /// What an identity provider calls the user, where that is not the id.
  public var subject: String?
  public var isSuperuser: Bool
  /// Whether no token of the user is taken any more, whenever it was issued.
  public var isDisabled: Bool
}

/// What is to be different about a user; nil leaves it as it is.
public struct UserChange: Hashable, Sendable {
  public var email: String?
  public var firstName: String?
  public var lastName: String?
  public var subject: String?
  public var isSuperuser: Bool?

  public init(
    email: String? = nil, firstName: String? = nil, lastName: String? = nil, subject: String? = nil,
    isSuperuser: Bool? = nil
  ) {
    self.email = email
    self.firstName = firstName
    self.lastName = lastName
    self.subject = subject
    self.isSuperuser = isSuperuser
  }
}

/// What somebody is to a project.
public struct MembershipRecord: Hashable, Sendable {
  public var projectID: String
  /// Nil where the project is gone.
  public var projectName: String?
  public var userID: String
  public var email: String
  public var role: Role
}

/// The name of a project.
public struct ProjectLabel: Hashable, Sendable {
  public var id: String
  public var name: String
}
