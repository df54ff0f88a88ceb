import ArgumentParser
import Storage
import Workflow

/// `heddle member`.
struct MemberCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member", abstract: "Say who is what in a project.",
    discussion: "Servers hear of each change, and so do those who are connected.",
    subcommands: [Add.self, Change.self, Remove.self, List.self])

  /// `heddle member add`.
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a user a member of a project.")

    @OptionGroup var options: PeopleOptions
    @OptionGroup var membership: MembershipArguments

    @Option(help: ArgumentHelp("What the user becomes: viewer, editor, admin or owner.", valueName: "role"))
    var role: Role

    func run() throws {
      try membership.set(role, options) { user, project, old in
        guard let old else { return "\(user.email) is \(role.rawValue) of '\(project.name)' now" }
        throw ProjectFileError(
          description: "\(user.email) is \(old.rawValue) of '\(project.name)' already ('heddle member change')")
      }
    }
  }

  /// `heddle member change`.
  struct Change: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Change what a member of a project is.")

    @OptionGroup var options: PeopleOptions
    @OptionGroup var membership: MembershipArguments

    @Option(help: ArgumentHelp("What the member becomes: viewer, editor, admin or owner.", valueName: "role"))
    var role: Role

    func run() throws {
      try membership.set(role, options) { user, project, old in
        guard let old else { throw MembershipArguments.noMember(user, project) }
        return "\(user.email) is \(role.rawValue) of '\(project.name)' now, and was \(old.rawValue)"
      }
    }
  }

  /// `heddle member remove`.
  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End a membership.")

    @OptionGroup var options: PeopleOptions
    @OptionGroup var membership: MembershipArguments

    func run() throws {
      try membership.set(nil, options) { user, project, old in
        guard let old else { throw MembershipArguments.noMember(user, project) }
        return "\(user.email) is no member of '\(project.name)' any more, and was \(old.rawValue)"
      }
    }
  }

  /// `heddle member list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the members of a project, the projects of a user, or everything.")

    @OptionGroup var options: PeopleOptions

    @Option(help: "The members of this project: its id or name.")
    var project: String?

    @Option(help: "The projects of this user.")
    var user: String?

    func run() throws {
      try options.run { store in
        let project = try project.map { try People.project($0, store).id }
        let user = try user.map { try People.user($0, store).id }
        let members = try store.wait { store.readMemberships(project: project, user: user, $0) }
        options.show(members, empty: "there are no members; 'heddle member add' makes somebody one")
      }
    }
  }
}

/// Whose membership it is, and in what.
struct MembershipArguments: ParsableArguments {
  @Argument(help: "The user: the id, the e-mail address, or what the identity provider calls the user.")
  var user: String

  @Option(help: "The project: its id or name.")
  var project: String

  static func noMember(_ user: UserRecord, _ project: ProjectLabel) -> ProjectFileError {
    ProjectFileError(description: "\(user.email) is no member of '\(project.name)'")
  }

  /// Sets the role once `decide` has looked at the one before, and says what that says.
  func set(
    _ role: Role?, _ options: PeopleOptions, decide: (UserRecord, ProjectLabel, Role?) throws -> String
  ) throws {
    try options.run { store in
      let user = try People.user(user, store)
      let project = try People.project(project, store)
      let old = try store.wait { store.readMemberships(project: project.id, user: user.id, $0) }.first
      let text = try decide(user, project, old?.role)
      _ = try store.wait { store.setRole(role, of: user.id, in: project.id, $0) }
      let members = try store.wait { store.readMemberships(project: project.id, $0) }
      let shown = members.first { $0.userID == user.id } ?? old
      if let shown { options.show(shown, text) }
      if old?.role == .owner, !members.contains(where: { $0.role == .owner }) {
        report("'\(project.name)' has no owner any more")
      }
    }
  }
}

extension Role: ExpressibleByArgument {}

extension MembershipRecord: ShownRecord {
  var columns: [String] { [projectName ?? "(gone)", email, role.rawValue, projectID] }

  var json: JSONValue {
    [
      "project_id": .string(projectID), "project": projectName.map(JSONValue.string) ?? .null,
      "user_id": .string(userID), "email": .string(email), "role": .string(role.rawValue),
    ]
  }
}
