public import Workflow

/// What an import did.
public struct ProjectUpdate: Hashable, Sendable {
  /// The project as the database has it now.
  public var project: ProjectContent
  /// The workflows that it changed, deleted ones included.
  public var changedWorkflowIDs: [String]
  /// Those of them that it made.
  public var newWorkflowIDs: [String] = []
  /// Whether the project was made.
  public var isNew: Bool
  /// The conflicts that it left, by the workflow's id.
  public var conflicts: [String: [ConflictRecord]] = [:]
}

/// Reads a project, has its new content worked out, and writes what differs: all of it or nothing.
struct ProjectTransaction {
  let id: String
  let mentionedIDs: Set<String>
  let provenance: Provenance
  let merge: ProjectChange.Merge
  /// Names the change for good.
  let token: String
  let limit: (any ActivationLimit)?
  let connection: PostgresConnection

  /// `check` sees what there was and what came of it before it is committed; what it throws takes all back.
  func run(check: (ProjectContent?, ProjectUpdate) throws -> Void = { _, _ in }) throws -> ProjectUpdate {
    try connection.transaction {
      // Of two that make the same project at once the second one waits, and then finds it.
      try connection.execute(.claimProject, .text(id))
      try connection.execute(.lockProject, .uuid(id))
      try connection.execute(.lockWorkflows, .uuid(id))
      let old = try ProjectReader.readLocked(id, connection)
      let merged = try merge(old, foreignIDs())
      let new = merged.project
      try writeProject(old, new)
      try TokenRecords.claim(project: id, for: provenance.actor, connection)
      let changed = try writeWorkflows(old, new)
      try connection.execute(.checkConstraints)
      guard let project = try ProjectReader.readLocked(id, connection) else {
        throw StoreError.damaged("project \(id) is gone while it is locked")
      }
      var update = ProjectUpdate(project: project, changedWorkflowIDs: changed, isNew: old == nil)
      let known = Set((old?.workflows ?? []).map(\.content.id))
      update.newWorkflowIDs = changed.filter { !known.contains($0) }
      // Last, since it holds up who writes to the documents.
      update.conflicts = try record(merged.conflicts, old, project)
      try check(old, update)
      return update
    }
  }

  private func record(
    _ conflicts: [String: [Conflict]], _ old: ProjectContent?, _ new: ProjectContent
  ) throws -> [String: [ConflictRecord]] {
    var records: [String: [ConflictRecord]] = [:]
    for (id, conflicts) in conflicts.sorted(by: { $0.key < $1.key }) where !conflicts.isEmpty {
      guard let rows = new.workflows.first(where: { $0.content.id == id }), rows.deletedAt == nil else { continue }
      let before = old?.workflows.first { $0.content.id == id }
      records[id] = try MergeRecord(
        workflowID: id, token: token, provenance: provenance, conflicts: conflicts,
        changes: before?.content.changes(to: rows.content) ?? [], oldRevision: before?.revision ?? Base.noRows,
        rows: rows
      ).write(connection)
    }
    return records
  }

  /// Those of the mentioned ids that things of other projects have.
  private func foreignIDs() throws -> Set<String> {
    guard !mentionedIDs.isEmpty else { return [] }
    let rows = try connection.execute(.foreignIDs, .uuid(id), .uuids(mentionedIDs.sorted()))
    return Set((0..<rows.count).map { rows.uuid($0, 0) })
  }

  private func writeProject(_ old: ProjectContent?, _ new: ProjectContent) throws {
    if old == nil {
      let actor = provenance.actor
      try connection.execute(.insertProject, .uuid(id), .text(new.name), .text(new.description))
      try connection.execute(
        .audit, .uuid(id), .null, .text("project_created"), .text(actor.type), .text(actor.id), .text(actor.name))
    } else if old?.name != new.name || old?.description != new.description {
      try connection.execute(.updateProject, .uuid(id), .text(new.name), .text(new.description))
    }
    try connection.execute(.deferConstraints)
    try writeCollections(Changes(from: old?.collections ?? [], to: new.collections) { $0.id })
    let keychains = Changes(from: old?.keychains ?? [], to: new.keychains) { $0.id }.inserted
    if !keychains.isEmpty {
      try connection.execute(
        .insertKeychains, .uuid(id), .uuids(keychains.map(\.id)), .texts(keychains.map(\.name)))
    }
    // Credentials are attached here, never removed.
    let credentials = Changes(from: old?.credentials ?? [], to: new.credentials) { $0.id }
    guard !credentials.inserted.isEmpty else { return }
    try connection.execute(
      .insertCredentials, .uuid(id), .uuids(credentials.inserted.map(\.id)), .texts(credentials.inserted.map(\.name)),
      .texts(credentials.inserted.map(\.owner)))
  }

  private func writeCollections(_ changes: Changes<ProjectCollection>) throws {
    guard !changes.isEmpty else { return }
    let written = changes.inserted + changes.updated
    try connection.execute(.deleteCollections, .uuid(id), .uuids(changes.deleted))
    try connection.execute(.writeCollections, .uuid(id), .uuids(written.map(\.id)), .texts(written.map(\.name)))
  }

  private func writeWorkflows(_ old: ProjectContent?, _ new: ProjectContent) throws -> [String] {
    let present = Dictionary((old?.workflows ?? []).map { ($0.content.id, $0) }) { first, _ in first }
    var changed: [String] = []
    for workflow in new.workflows {
      var workflow = workflow
      workflow.projectID = id
      let before = present[workflow.content.id]
      // What is left alone stays as somebody wrote it, normal or not.
      if let before, workflow.content == before.content, workflow.deletedAt == before.deletedAt { continue }
      workflow.content = workflow.content.normalized()
      let changes = WorkflowChanges(from: before?.content, to: workflow.content)
      guard !changes.isEmpty || workflow.deletedAt != before?.deletedAt else { continue }
      try Activation(limit: limit, connection: connection).check(workflow, replacing: before)
      let isDeletion = workflow.deletedAt != nil && before?.deletedAt == nil
      let event = before == nil ? "created" : isDeletion ? "deleted" : "imported"
      do {
        _ = try WorkflowUpdate(old: before, new: workflow, provenance: provenance, event: event).run(connection)
      } catch let error as PostgresError {
        guard let errors = ValidationErrors(error, workflow.content) else { throw error }
        throw errors
      }
      changed.append(workflow.content.id)
    }
    return changed
  }
}

extension Statement {
  fileprivate static let claimProject = Statement(
    "claim_project", "select pg_advisory_xact_lock(hashtextextended($1::text, 0))")
  fileprivate static let lockProject = Statement(
    "lock_project", "select 1 from projects where id = $1 for no key update")
  fileprivate static let lockWorkflows = Statement(
    "lock_workflows", "select 1 from workflows where project_id = $1 order by id for no key update")
  fileprivate static let insertProject = Statement(
    "insert_project", "insert into projects (id, name, description) values ($1, $2, $3)")
  fileprivate static let updateProject = Statement(
    "update_project", "update projects set name = $2, description = $3 where id = $1")
  fileprivate static let insertCredentials = Statement(
    "insert_credentials",
    """
    insert into project_credentials (id, project_id, name, owner)
    select id, $1::uuid, name, owner from unnest($2::uuid[], $3::text[], $4::text[]) as n(id, name, owner)
    """)
  fileprivate static let insertKeychains = Statement(
    "insert_keychains",
    """
    insert into keychain_credentials (id, project_id, name)
    select id, $1::uuid, name from unnest($2::uuid[], $3::text[]) as n(id, name)
    """)
  fileprivate static let deleteCollections = Statement(
    "delete_collections", "delete from collections where project_id = $1::uuid and id = any($2::uuid[])")
  fileprivate static let writeCollections = Statement(
    "write_collections",
    """
    insert into collections (id, project_id, name)
    select id, $1::uuid, name from unnest($2::uuid[], $3::text[]) as n(id, name)
    on conflict (id) do update set name = excluded.name
    """)
  fileprivate static let foreignIDs = Statement(
    "foreign_ids",
    """
    select id from workflows where id = any($2::uuid[]) and project_id <> $1
    union select workflow_id from documents where workflow_id = any($2::uuid[]) and new_in_project <> $1
    union select id from jobs where id = any($2::uuid[]) and project_id <> $1
    union select id from triggers where id = any($2::uuid[]) and project_id <> $1
    union select id from workflow_edges where id = any($2::uuid[]) and project_id <> $1
    union select id from project_credentials where id = any($2::uuid[]) and project_id <> $1
    union select id from collections where id = any($2::uuid[]) and project_id <> $1
    """)
}
