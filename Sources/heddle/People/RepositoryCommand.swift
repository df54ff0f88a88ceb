import ArgumentParser
import Storage
import Workflow

/// `heddle repository`.
struct RepositoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repository", abstract: "Connect repositories to projects, which then may import them.",
    discussion: """
      A connected repository may import its project and nothing else; 'heddle token issue --repository' gives it a token.
      """,
    subcommands: [Connect.self, Disconnect.self, List.self])

  /// `heddle repository connect`.
  struct Connect: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Connect a repository to a project.")

    @OptionGroup var options: PeopleOptions

    @Argument(help: "The repository, as in owner/name.")
    var repository: String

    @Option(help: "The project: its id or name.")
    var project: String

    @Option(help: "The branch.")
    var branch = "main"

    func run() throws {
      try options.run { store in
        let project = try People.project(project, store)
        guard try store.wait({ store.connectRepository(repository, branch: branch, to: project.id, $0) }) else {
          throw ProjectFileError(
            description: "'\(project.name)' has a repository already; 'heddle repository disconnect' takes it away")
        }
        let record = RepositoryRecord.find(project.id, try store.wait { store.readRepositories($0) })
        if let record { options.show(record, "\(repository) (\(branch)) is connected to '\(project.name)'") }
      }
    }
  }

  /// `heddle repository disconnect`.
  struct Disconnect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Disconnect the repository of a project.", discussion: "Its tokens are nobody's from then on.")

    @OptionGroup var options: PeopleOptions

    @Option(help: "The project: its id or name.")
    var project: String

    func run() throws {
      try options.run { store in
        let project = try People.project(project, store)
        let record = RepositoryRecord.find(project.id, try store.wait { store.readRepositories($0) })
        guard let record, try store.wait({ store.disconnectRepository(of: project.id, $0) }) else {
          throw ProjectFileError(description: "no repository is connected to '\(project.name)'")
        }
        options.show(record, "\(record.repository) is no longer connected to '\(project.name)'")
      }
    }
  }

  /// `heddle repository list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the connected repositories.")

    @OptionGroup var options: PeopleOptions

    func run() throws {
      try options.run { store in
        options.show(try store.wait { store.readRepositories($0) }, empty: "no repository is connected to a project")
      }
    }
  }
}

extension RepositoryRecord: ShownRecord {
  fileprivate static func find(_ project: String, _ all: [RepositoryRecord]) -> RepositoryRecord? {
    all.first { $0.projectID == project }
  }

  var columns: [String] { [projectName ?? "(gone)", repository, branch, projectID] }

  var json: JSONValue {
    [
      "project_id": .string(projectID), "project": projectName.map(JSONValue.string) ?? .null,
      "repository": .string(repository), "branch": .string(branch),
    ]
  }
}
