import Workflow

/// The tables of sandboxes.
enum SandboxRecords {
  /// Something was merged since the bases were read.
  struct Moved: Error {}

  /// What each workflow of a sandbox last had in common with its parent's, by the sandbox's workflow.
  static func bases(of id: String, _ connection: PostgresConnection) throws -> [String: SandboxBase] {
    let rows = try connection.execute(.sandboxBases, .uuid(id))
    var bases: [String: SandboxBase] = [:]
    for row in 0..<rows.count {
      guard let content = WorkflowContent(json: try JSONValue(stored: rows.bytes(row, 1))),
        let origins = try JSONValue(stored: rows.bytes(row, 2)).object?.compactMapValues(\.string)
      else { throw StoreError.damaged("what a sandbox began with cannot be read") }
      let workflow = rows.uuid(row, 0)
      bases[workflow] = SandboxBase(
        workflowID: workflow, content: content, origins: origins, version: rows.int8(row, 3))
    }
    return bases
  }

  /// Makes a project that was just written a sandbox: with the parent's members, and with the versions that the workflows had
  /// there, by which it is told whether the parent's have changed since.
  static func begin(
    _ id: String, of parent: String, _ bases: [SandboxBase], _ connection: PostgresConnection
  ) throws {
    let (copies, originals) = (bases.map(\.workflowID), bases.map(\.content.id))
    _ = try connection.pipeline([
      (.setParent, [.uuid(id), .uuid(parent)]), (.copyMembers, [.uuid(id), .uuid(parent)]),
      (.dropVersions, [.uuids(copies)]), (.copyVersions, [.uuids(copies), .uuids(originals)]),
      (.copyVersionHistories, [.uuids(copies), .uuids(originals)]),
    ])
    try write(bases, of: id, connection)
  }

  /// Notes what the workflows have in common from now on. Throws where somebody did so since these were read.
  static func write(_ bases: [SandboxBase], of id: String, _ connection: PostgresConnection) throws {
    guard !bases.isEmpty else { return }
    let rows = try connection.execute(
      .writeSandboxBases, .uuid(id), .uuids(bases.map(\.workflowID)), .texts(bases.map(\.content.json.text)),
      .texts(bases.map { JSONValue.object($0.origins.mapValues(JSONValue.string)).text }),
      .int8s(bases.map { $0.version + 1 }))
    guard rows.affected == bases.count else { throw Moved() }
  }

  /// The sandboxes of a project that somebody may see, oldest first.
  static func list(
    of parent: String, for viewer: ProjectViewer, _ connection: PostgresConnection
  ) throws -> [SandboxSummary] {
    let (member, project) = viewer.ids
    let rows = try connection.execute(
      .sandboxes, .uuid(parent), .text(member), project.map(Parameter.uuid) ?? .null)
    return (0..<rows.count).map { row in
      SandboxSummary(
        id: rows.uuid(row, 0), name: rows.text(row, 1), description: rows.optionalText(row, 2), parentID: parent,
        workflowCount: Int(rows.int8(row, 3)), insertedAt: rows.text(row, 4))
    }
  }
}

/// A sandbox as lists show it.
public struct SandboxSummary: Hashable, Sendable {
  public var id: String
  public var name: String
  public var description: String?
  public var parentID: String
  /// Without deleted ones.
  public var workflowCount: Int
  /// In ISO 8601.
  public var insertedAt: String
}

extension Statement {
  fileprivate static let sandboxBases = Statement(
    "sandbox_bases", "select workflow_id, content, origins, version from sandbox_bases where project_id = $1")
  fileprivate static let setParent = Statement("set_parent", "update projects set parent_id = $2 where id = $1")
  fileprivate static let copyMembers = Statement(
    "copy_members",
    """
    insert into project_memberships (project_id, user_id, role)
    select $1, user_id, role from project_memberships where project_id = $2
    on conflict (project_id, user_id) do nothing
    """)
  private static let pairs = "unnest($1::uuid[], $2::uuid[]) as n(copy, original)"
  fileprivate static let dropVersions = Statement(
    "drop_versions", "delete from workflow_versions where workflow_id = any($1::uuid[])")
  fileprivate static let copyVersions = Statement(
    "copy_versions",
    """
    insert into workflow_versions (workflow_id, number, source, hash, inserted_at)
    select n.copy, v.number, v.source, v.hash, v.inserted_at
    from \(pairs) join workflow_versions v on v.workflow_id = n.original
    """)
  fileprivate static let copyVersionHistories = Statement(
    "copy_version_histories",
    """
    update workflows w set version_history = o.version_history
    from \(pairs) join workflows o on o.id = n.original where w.id = n.copy
    """)
  /// $5: the versions that they get. What has another one than that before it stays as it is.
  fileprivate static let writeSandboxBases = Statement(
    "write_sandbox_bases",
    """
    insert into sandbox_bases as b (project_id, workflow_id, content, origins, version)
    select $1::uuid, workflow_id, content::json, origins::json, version
    from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[]) as n(workflow_id, content, origins, version)
    on conflict (project_id, workflow_id) do update
    set content = excluded.content, origins = excluded.origins, version = excluded.version
    where b.version = excluded.version - 1
    """)
  fileprivate static let sandboxes = Statement(
    "sandboxes",
    """
    select id, name, description,
      (select count(*) from workflows w where w.project_id = p.id and w.deleted_at is null),
      \(Records.time("inserted_at"))
    from projects p
    where parent_id = $1
      and ($2::text is null or id in (select project_id from project_memberships where user_id::text = $2::text))
      and ($3::uuid is null or id = $3::uuid)
    order by p.inserted_at, id
    """)
}
