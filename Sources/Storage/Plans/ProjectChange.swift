public import Workflow

/// A change of a project that is still to be made: the arguments of `Store.updateProject`.
public struct ProjectChange: Sendable {
  /// What is to be made of what there is (nil for a new project) and of those mentioned ids that others have.
  public typealias Body = @Sendable (ProjectContent?, Set<String>) throws -> ProjectContent

  public var projectID: String
  public var mentionedIDs: Set<String>
  public var provenance: Provenance
  public var body: Body
  /// Whether its workflows may become active: as the store has it that makes the change.
  var limit: (any ActivationLimit)?

  public init(
    projectID: String, mentionedIDs: Set<String>, provenance: Provenance, body: @escaping Body
  ) {
    self.projectID = projectID
    self.mentionedIDs = mentionedIDs
    self.provenance = provenance
    self.body = body
  }

  func limited(by limit: (any ActivationLimit)?) -> ProjectChange {
    var change = self
    change.limit = limit
    return change
  }

  func transaction(_ connection: PostgresConnection) -> ProjectTransaction {
    ProjectTransaction(
      id: projectID, mentionedIDs: mentionedIDs, provenance: provenance, body: body, limit: limit,
      connection: connection)
  }
}
