import ArgumentParser
import Gateway
import Storage
import Workflow

/// `heddle repo`.
struct RepoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repo", abstract: "Connect projects to the git repositories that keep them.",
    discussion: """
      A server pulls what is new in the repository into the project; 'heddle sync' does so by hand. Git itself has to be able \
      to reach the repository, with its credential helpers or the ssh agent: nothing secret is kept here. 'heddle token issue \
      --repository' gives a connection a token, with which its project can be imported.
      """,
    subcommands: [Add.self, List.self, Show.self, Remove.self, Secret.self])

  /// `heddle repo add`.
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Connect a repository to a project.",
      discussion:
        "Prints the secret with which the repository signs its messages; 'heddle repo secret' makes another one.")

    @OptionGroup var options: PeopleOptions

    @Option(help: "The project: its id or name.")
    var project: String

    @Option(help: "Where the repository is: an absolute path, or a URL with file:, ssh: or https:, or user@host:path.")
    var url: String?

    @Option(help: "The branch.")
    var branch = "main"

    @Option(help: "The config file in the repository, which says where the project is. Without it that is looked for.")
    var config: String?

    @Flag(help: "Only read the repository.")
    var pullOnly = false

    @Option(help: "What to call the repository. Alone, without a URL, the connection has tokens and is not synced.")
    var name: String?

    mutating func validate() throws {
      guard url != nil || name != nil else { throw ValidationError("Missing expected argument '--url <url>'") }
      do {
        _ = try setup.checked(for: "", .all)
      } catch {
        throw ValidationError("\(error)")
      }
    }

    private var setup: RepositorySetup {
      RepositorySetup(
        url: url, branch: branch, configPath: config, direction: pullOnly ? "pull" : "both", name: name)
    }

    func run() throws {
      try options.run { store in
        let project = try People.project(project, store)
        let new = try setup.checked(for: project.id, .all)
        guard let connection = try store.wait({ store.addRepository(new, $0) }) else {
          throw ProjectFileError(
            description: "project already has a repo connection; 'heddle repo remove --project \(project.name)' ends it"
          )
        }
        try options.showSecret(
          of: connection, "\(connection.name) (\(branch)) is connected to '\(project.name)'", store)
      }
    }
  }

  /// `heddle repo list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the connections, with what became of their last syncs.")

    @OptionGroup var options: PeopleOptions

    func run() throws {
      try options.run { store in
        options.show(try store.wait { store.readRepositories($0) }, empty: "no repository is connected to a project")
      }
    }
  }

  /// `heddle repo show`.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a connection, and its last syncs with what each changed.")

    @OptionGroup var options: PeopleOptions

    @Option(help: "The project: its id or name.")
    var project: String

    @Option(help: "How many syncs to show.")
    var limit = 10

    func run() throws {
      try options.run { store in
        let connection = try Repositories.connection(of: project, store)
        let syncs = try store.wait { store.readSyncs(connection.projectID, limit: max(0, limit), $0) }
        if options.json {
          var members = connection.json.object ?? [:]
          members["syncs"] = .array(syncs.map(\.json))
          return announce(JSONValue.object(members).text)
        }
        announce(Repositories.text(connection))
        for line in TextTable.lines(syncs.map(\.columns)) { announce(line) }
      }
    }
  }

  /// `heddle repo remove`.
  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Disconnect the repository of a project.",
      discussion: "Its tokens and hooks are nobody's from then on. Project and repository stay as they are.")

    @OptionGroup var options: PeopleOptions

    @Option(help: "The project: its id or name.")
    var project: String

    func run() throws {
      try options.run { store in
        let connection = try Repositories.connection(of: project, store)
        guard try store.wait({ store.removeRepository(of: connection.projectID, $0) }) else {
          throw ProjectFileError(description: "somebody else has disconnected \(connection.name)")
        }
        options.show(connection, "\(connection.name) is no longer connected to '\(connection.projectName ?? project)'")
      }
    }
  }

  /// `heddle repo secret`.
  struct Secret: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make another secret with which the repository signs its messages.",
      discussion: "Messages that are signed with the one before are refused from then on.")

    @OptionGroup var options: PeopleOptions

    @Option(help: "The project: its id or name.")
    var project: String

    func run() throws {
      try options.run { store in
        let old = try Repositories.connection(of: project, store)
        guard let connection = try store.wait({ store.renewHookSecret(of: old.projectID, $0) }) else {
          throw ProjectFileError(description: "somebody else has disconnected \(old.name)")
        }
        try options.showSecret(of: connection, "\(connection.name) has another secret", store)
      }
    }
  }
}

extension PeopleOptions {
  /// Says what was done, with the secret of a connection.
  fileprivate func showSecret(of connection: RepositoryConnection, _ text: String, _ store: Store) throws {
    let secret = HookSecret(connection, serverSecret: try store.wait { store.hookSecret($0) }).text
    guard !json else {
      var members = connection.json.object ?? [:]
      members["secret"] = .string(secret)
      return announce(JSONValue.object(members).text)
    }
    announce(text)
    guard connection.url != nil else { return }
    announce("Its messages go to POST /hooks/git/\(connection.id), signed with this secret, which is shown only now:")
    announce(secret)
  }
}
