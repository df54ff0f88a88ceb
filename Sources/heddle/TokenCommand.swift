import ArgumentParser
import Glibc
import Logging
import Storage
import Tokens
import Workflow

/// `heddle token`.
struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Issue tokens, and take them back.",
    discussion: """
      Servers take these tokens where they take any: with --require-tokens, --jwt-secret-file or --jwks. They are signed with \
      a secret that is in the database.
      """,
    subcommands: [Issue.self, Revoke.self])

  /// `heddle token issue`.
  struct Issue: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a token for a user, or for the repository that is connected to a project.",
      discussion: "The token alone goes to standard output, its id and when it expires to standard error.")

    @OptionGroup(title: "Database") var database: DatabaseOptions
    @OptionGroup(title: "Logs") var logs: LogOptions

    @Option(help: "How long the token is good.")
    var lifetime: Duration = .seconds(12 * 3600)

    @OptionGroup var owner: OwnerArguments

    mutating func validate() throws {
      guard lifetime >= .seconds(1) else { throw ValidationError("--lifetime is less than a second") }
    }

    func run() throws {
      let logger = logs.start()
      try failing {
        try database.withStore(logger: logger) { store in
          let subject = try owner.subject(store)
          try owner.checkEnabled(subject, store)
          let issuer = try TokenIssuer(secret: try store.wait { store.tokenSecret($0) })
          let token = try issuer.issue(
            to: subject, id: Store.newTokenID(), lifetime: lifetime, now: TimeOfDay.now)
          report("token \(token.id) for \(subject.text), expires at \(Self.text(token.expiresAt))")
          announce(token.text)
        }
      }
    }

    private static func text(_ milliseconds: Int64) -> String {
      var seconds = time_t(milliseconds / 1000)
      var parts = tm()
      gmtime_r(&seconds, &parts)
      return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
        guard let start = text.baseAddress else { return "" }
        strftime(start, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(cString: start)
      }
    }
  }

  /// `heddle token revoke`.
  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take back a token by its id (its jti), or all tokens that somebody has.",
      discussion: "Connections that were opened with them end.")

    @OptionGroup(title: "Database") var database: DatabaseOptions
    @OptionGroup(title: "Logs") var logs: LogOptions

    @Option(help: "The id of a token.")
    var id: String?

    @Option(help: "How long the id is remembered: at least as long as the token would have been good.")
    var remember: Duration = .seconds(366 * 86_400)

    @OptionGroup var owner: OwnerArguments

    mutating func validate() throws {
      guard (id == nil) != owner.isEmpty else {
        throw ValidationError("say either --id, or whose tokens all are to be taken back")
      }
    }

    func run() throws {
      let logger = logs.start()
      try failing {
        try database.withStore(logger: logger) { store in
          if let id {
            let expiry = TimeOfDay.now / 1000 + Int64(remember / .seconds(1))
            try store.wait { store.revokeToken(id, until: expiry, $0) }
            announce("token \(id) is revoked")
          } else {
            let subject = try owner.subject(store)
            guard try store.wait({ store.revokeTokens(of: subject, $0) }) else {
              throw OwnerArguments.unknown(subject.text)
            }
            announce("all tokens of \(subject.text) that were issued until now are revoked")
          }
        }
      }
    }
  }
}

/// Whose token it is.
struct OwnerArguments: ParsableArguments {
  @Argument(help: "A user: the id, the e-mail address, or what the identity provider calls the user.")
  var user: String?

  @Option(help: "Instead of a user: the id of a project whose connected repository it is for.")
  var repository: String?

  var isEmpty: Bool { user == nil && repository == nil }

  mutating func validate() throws {
    if user != nil, repository != nil { throw ValidationError("a token is for a user or for a repository") }
    if let repository, !DocumentName.isUUID(repository) {
      throw ValidationError("'\(repository)' is not the id of a project")
    }
  }

  /// A token of somebody who is disabled would be good for nothing.
  func checkEnabled(_ subject: Subject, _ store: Store) throws {
    guard case .user(let id) = subject else { return }
    guard let user = try store.wait({ store.readUsers(id: id, $0) }).first, user.isDisabled else { return }
    throw ProjectFileError(
      description: "\(user.email) is disabled; 'heddle user enable \(user.email)' changes that")
  }

  static func unknown(_ text: String) -> ProjectFileError {
    ProjectFileError(description: "there is no user or connected repository '\(text)'")
  }

  /// Who is meant; throws where there is nobody like that.
  func subject(_ store: Store) throws -> Subject {
    if let repository {
      let subject = Subject.repository(projectID: repository.lowercased())
      let question = AccessQuestion(Credential(subject: subject, issuedAt: 4_000_000_000_000), .server)
      guard try store.wait({ store.readAccess([question], $0) }) != [.unknown] else { throw Self.unknown(repository) }
      return subject
    }
    guard let user else { throw ProjectFileError(description: "whose token it is to be is missing") }
    return .user(try People.user(user, store).id)
  }
}
