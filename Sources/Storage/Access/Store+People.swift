public import Workflow

/// Users, and what they are to projects. Servers hear of each change.
extension Store {
  /// All users by e-mail address, or the one with this id.
  public func readUsers(id: String? = nil, _ completion: @escaping Completion<[UserRecord]>) {
    read(completion) { try PeopleRecords.users(id, $0) }
  }

  /// Adds a user, who has to have an e-mail address. Nil where the id, the address or the subject is somebody's already.
  public func addUser(
    _ user: UserChange, id: String, _ completion: @escaping Completion<UserRecord?>
  ) {
    read(completion) { try PeopleRecords.add(user, id: id, $0) }
  }

  /// Changes a user. Nil where there is none with this id.
  public func changeUser(_ id: String, _ change: UserChange, _ completion: @escaping Completion<UserRecord?>) {
    read(completion) { try PeopleRecords.change(id, change, $0) }
  }

  /// Has no token of a user taken any more, or those again that are issued from now on. Nil where there is no such user.
  public func setUser(_ id: String, isDisabled: Bool, _ completion: @escaping Completion<UserRecord?>) {
    read(completion) { try PeopleRecords.setDisabled(id, isDisabled, $0) }
  }

  /// The memberships in a project, or of a user, or all.
  public func readMemberships(
    project: String? = nil, user: String? = nil, _ completion: @escaping Completion<[MembershipRecord]>
  ) {
    read(completion) { try PeopleRecords.memberships(project, user, $0) }
  }

  /// Sets what a user is to a project; nil: nothing. Gives what the user was before.
  public func setRole(
    _ role: Role?, of user: String, in project: String, _ completion: @escaping Completion<Role?>
  ) {
    read(completion) { try PeopleRecords.setRole(role, of: user, in: project, $0) }
  }

  /// All projects by name.
  public func readProjectLabels(_ completion: @escaping Completion<[ProjectLabel]>) {
    read(completion) { try PeopleRecords.projects($0) }
  }
}
