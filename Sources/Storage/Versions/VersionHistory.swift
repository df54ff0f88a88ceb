import Workflow

/// What contents a workflow had, as hashes: one entry for all that one kind of writer did in a row.
enum VersionHistory {
  /// The kinds of writers.
  enum Source: String {
    /// People, with editors.
    case app
    /// Whoever brings a project from elsewhere.
    case cli

    init(_ source: Provenance.Source) {
      switch source {
      case .importing, .git, .sandbox: self = .cli
      default: self = .app
      }
    }
  }

  /// How many entries are kept of a workflow. Where the two kinds of writers take turns, there is one for every write.
  static let maximumEntries: Int32 = 500

  /// Notes what a workflow's rows hold now, within a transaction that holds their lock. The same once more is nothing new, and
  /// what the same kind of writer made before is replaced.
  static func record(_ content: WorkflowContent, by source: Source, _ connection: PostgresConnection) throws {
    try connection.execute(
      .recordVersion, .uuid(content.id), .text(source.rawValue), .text(content.normalized().versionHash),
      .int4(Int(maximumEntries)))
  }

  /// Notes what the workflows of a project hold of which nothing is noted yet.
  static func recordMissing(ofProject id: String, _ connection: PostgresConnection) throws {
    let missing = try connection.execute(.unversioned, .uuid(id))
    for row in 0..<missing.count {
      let workflow = missing.uuid(row, 0)
      try connection.transaction {
        guard !(try connection.execute(.lockWorkflow, .uuid(workflow)).isEmpty),
          let rows = try WorkflowReader.readLocked(workflow, connection), rows.deletedAt == nil
        else { return }
        try record(rows.content, by: .app, connection)
      }
    }
  }

  /// Whether there is a workflow in the project of which nothing is noted yet.
  static func isMissing(inProject id: String, _ connection: PostgresConnection) throws -> Bool {
    !(try connection.execute(.unversioned, .uuid(id)).isEmpty)
  }
}

extension Statement {
  fileprivate static let unversioned = Statement(
    "unversioned",
    """
    select id from workflows where project_id = $1 and deleted_at is null and cardinality(version_history) = 0
    order by id
    """)
  /// $4: how many entries there may be.
  fileprivate static let recordVersion = Statement(
    "record_version",
    """
    with latest as (
      select number, source, hash from workflow_versions where workflow_id = $1 order by number desc limit 1
    ), squashed as (
      update workflow_versions v set hash = $3, inserted_at = clock_timestamp() from latest l
      where v.workflow_id = $1 and v.number = l.number and l.source = $2 and l.hash <> $3 returning v.number
    ), appended as (
      insert into workflow_versions (workflow_id, number, source, hash)
      select $1::uuid, coalesce((select number from latest), 0) + 1, $2, $3
      where not exists (select from latest where source = $2) returning number
    ), dropped as (
      delete from workflow_versions v using appended a where v.workflow_id = $1 and v.number <= a.number - $4
    )
    update workflows w set version_history = w.version_history[
        greatest(1, cardinality(w.version_history) - $4 + 2)
        : cardinality(w.version_history) - (select count(*)::integer from squashed)
      ] || ($2 || ':' || $3)
    where w.id = $1 and (exists (select from squashed) or exists (select from appended))
    """)
}
