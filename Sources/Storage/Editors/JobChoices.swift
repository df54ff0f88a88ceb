import Workflow

/// What the jobs of a project can be given, as far as it is known here.
public struct JobChoices: Hashable, Sendable {
  /// The credentials of the project, by name.
  public var credentials: [ProjectCredential] = []
  /// Those that are looked up when a job runs, by name.
  public var keychainCredentials: [KeychainCredential] = []
  /// What the project's jobs are written for now, in order and each once.
  public var adaptors: [String] = []
}

/// A credential that is looked up when a job runs.
public struct KeychainCredential: Hashable, Sendable {
  public var id: String
  public var name: String
}

extension JobChoices {
  static func read(projectID: String, _ connection: PostgresConnection) throws -> JobChoices {
    let credentials = try connection.execute(.projectCredentials, .uuid(projectID))
    let keychains = try connection.execute(.keychainCredentials, .uuid(projectID))
    let adaptors = try connection.execute(.projectAdaptors, .uuid(projectID))
    return JobChoices(
      credentials: (0..<credentials.count).map {
        ProjectCredential(id: credentials.uuid($0, 0), name: credentials.text($0, 1), owner: credentials.text($0, 2))
      },
      keychainCredentials: (0..<keychains.count).map {
        KeychainCredential(id: keychains.uuid($0, 0), name: keychains.text($0, 1))
      },
      adaptors: (0..<adaptors.count).map { adaptors.text($0, 0) })
  }
}

extension Store {
  /// What the jobs of a project can be given.
  public func readJobChoices(projectID: String, _ completion: @escaping Completion<JobChoices>) {
    read(completion) { try JobChoices.read(projectID: projectID, $0) }
  }
}

extension Statement {
  fileprivate static let projectCredentials = Statement(
    "choices_credentials",
    "select id, name, owner from project_credentials where project_id = $1 order by lower(name), id")
  fileprivate static let keychainCredentials = Statement(
    "choices_keychains", "select id, name from keychain_credentials where project_id = $1 order by lower(name), id")
  fileprivate static let projectAdaptors = Statement(
    "choices_adaptors",
    """
    select distinct j.adaptor from jobs j join workflows w on w.id = j.workflow_id
    where j.project_id = $1 and w.deleted_at is null order by j.adaptor
    """)
}
