public import Workflow

/// A change of a project that is still to be made: the arguments of `Store.updateProject`.
public struct ProjectChange: Sendable {
  /// What is to be made of what there is (nil for a new project) and of those mentioned ids that others have.
  public typealias Body = @Sendable (ProjectContent?, Set<String>) throws -> ProjectContent
  /// The same, with what both sides had changed differently where it is a merge.
  public typealias Merge = @Sendable (ProjectContent?, Set<String>) throws -> ProjectMerge

  public var projectID: String
  public var mentionedIDs: Set<String>
  public var provenance: Provenance
  public var merge: Merge
  /// Names the change, so that what it records is recorded once.
  let token = UUIDText.random()
  /// Whether its workflows may become active: as the store has it that makes the change.
  var limit: (any ActivationLimit)?

  public init(
    projectID: String, mentionedIDs: Set<String>, provenance: Provenance, body: @escaping Body
  ) {
    self.projectID = projectID
    self.mentionedIDs = mentionedIDs
    self.provenance = provenance
    merge = { ProjectMerge(project: try body($0, $1)) }
  }

  /// A change that is a merge. Its conflicts are recorded with it, in the same transaction.
  public init(
    projectID: String, mentionedIDs: Set<String>, provenance: Provenance, merge: @escaping Merge
  ) {
    self.projectID = projectID
    self.mentionedIDs = mentionedIDs
    self.provenance = provenance
    self.merge = merge
  }

  func limited(by limit: (any ActivationLimit)?) -> ProjectChange {
    var change = self
    change.limit = limit
    return change
  }

  func transaction(_ connection: PostgresConnection) -> ProjectTransaction {
    ProjectTransaction(
      id: projectID, mentionedIDs: mentionedIDs, provenance: provenance, merge: merge, token: token,
      limit: limit, connection: connection)
  }
}
