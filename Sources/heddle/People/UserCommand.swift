import ArgumentParser
import Storage
import Workflow

/// `heddle user`.
struct UserCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Add, list, change, disable and enable users.",
    discussion: "Servers hear of each change, and so do those who are connected.",
    subcommands: [Add.self, List.self, Change.self, Disable.self, Enable.self])

  /// `heddle user add`.
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Add a user.")

    @OptionGroup var options: PeopleOptions
    @OptionGroup var fields: UserFields

    @Argument(help: "The e-mail address.")
    var email: String

    @Option(help: "The id; without it a new one.")
    var id: String?

    mutating func validate() throws {
      if let id, !DocumentName.isUUID(id) { throw ValidationError("'\(id)' is no UUID") }
      try Self.check(email: email)
    }

    /// Whoever has no such sign has given a name.
    fileprivate static func check(email: String?) throws {
      guard let email, !email.contains("@") else { return }
      throw ValidationError("'\(email)' is no e-mail address")
    }

    func run() throws {
      try options.run { store in
        var change = fields.change
        change.email = email
        let id = id?.lowercased() ?? Store.newTokenID()
        guard let user = try store.wait({ [change] in store.addUser(change, id: id, $0) }) else {
          throw ProjectFileError(
            description: "there is a user with this e-mail address, id or subject already: 'heddle user list' has all")
        }
        options.show(user, "added \(user.email), id \(user.id)")
      }
    }
  }

  /// `heddle user list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List all users.")

    @OptionGroup var options: PeopleOptions

    func run() throws {
      try options.run { store in
        options.show(try store.wait { store.readUsers($0) }, empty: "there are no users; 'heddle user add' adds one")
      }
    }
  }

  /// `heddle user change`.
  struct Change: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Change a user: names, what an identity provider calls the user, superuser or not.")

    @OptionGroup var options: PeopleOptions
    @OptionGroup var fields: UserFields

    @Argument(help: "The user: the id, the e-mail address, or what the identity provider calls the user.")
    var user: String

    @Option(help: "The new e-mail address.")
    var email: String?

    mutating func validate() throws {
      try Add.check(email: email)
      guard email != nil || fields.change != UserChange() else { throw ValidationError("say what is to change") }
    }

    func run() throws {
      try options.run { store in
        let known = try People.user(user, store)
        var change = fields.change
        change.email = email
        for taken in [change.email, change.subject].compactMap(\.self) {
          guard let other = try store.wait({ store.findUser(taken, $0) }), other != known.id else { continue }
          throw ProjectFileError(description: "'\(taken)' is the user \(other) already")
        }
        guard let user = try store.wait({ [change] in store.changeUser(known.id, change, $0) }) else {
          throw ProjectFileError(description: "the user \(known.email) is gone")
        }
        options.show(user, "changed \(user.email)")
      }
    }
  }

  /// `heddle user disable`.
  struct Disable: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take no token of a user any more, whenever it was issued.",
      discussion: "Connections end. Memberships stay, for when the user is enabled again.")

    @OptionGroup var options: PeopleOptions

    @Argument(help: "The user: the id, the e-mail address, or what the identity provider calls the user.")
    var user: String

    func run() throws { try UserCommand.set(user, isDisabled: true, options) }
  }

  /// `heddle user enable`.
  struct Enable: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a user's tokens again, those that are issued from now on.")

    @OptionGroup var options: PeopleOptions

    @Argument(help: "The user: the id, the e-mail address, or what the identity provider calls the user.")
    var user: String

    func run() throws { try UserCommand.set(user, isDisabled: false, options) }
  }

  private static func set(_ text: String, isDisabled: Bool, _ options: PeopleOptions) throws {
    try options.run { store in
      let known = try People.user(text, store)
      guard let user = try store.wait({ store.setUser(known.id, isDisabled: isDisabled, $0) }) else {
        throw ProjectFileError(description: "the user \(known.email) is gone")
      }
      options.show(user, "\(user.email) is \(isDisabled ? "disabled" : "enabled")")
    }
  }
}

/// What can be said of a user besides the e-mail address.
struct UserFields: ParsableArguments {
  @Option(help: "The first name.")
  var firstName: String?

  @Option(help: "The last name.")
  var lastName: String?

  @Option(help: "What an identity provider calls the user: the sub of its tokens, where that is not the id.")
  var subject: String?

  @Flag(inversion: .prefixedNo, help: "Whether the user may make projects and see how the server does.")
  var superuser: Bool?

  var change: UserChange {
    UserChange(firstName: firstName, lastName: lastName, subject: subject, isSuperuser: superuser)
  }
}

extension UserRecord: ShownRecord {
  var columns: [String] {
    let name = [firstName, lastName].compactMap(\.self).joined(separator: " ")
    let marks = [isSuperuser ? "superuser" : nil, isDisabled ? "disabled" : nil].compactMap(\.self)
    return [id, email, name, subject ?? "", marks.joined(separator: ", ")]
  }

  var json: JSONValue {
    [
      "id": .string(id), "email": .string(email), "first_name": firstName.map(JSONValue.string) ?? .null,
      "last_name": lastName.map(JSONValue.string) ?? .null, "subject": subject.map(JSONValue.string) ?? .null,
      "is_superuser": .bool(isSuperuser), "is_disabled": .bool(isDisabled),
    ]
  }
}
