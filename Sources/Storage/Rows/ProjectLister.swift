/// Reads lists of projects with what lists show of their workflows.
enum ProjectLister {
  /// A page of the projects by name, those behind the project `after`; nil: from the first.
  static func page(
    for viewer: ProjectViewer, after: String?, limit: Int, presenceAge: Duration, _ connection: PostgresConnection
  ) throws -> [ProjectSummary] {
    let (member, project) = viewer.ids
    let rows = try connection.execute(
      .projectPage, after.map(Parameter.uuid) ?? .null, .int8(Int64(limit)), member.map(Parameter.text) ?? .null,
      project.map(Parameter.uuid) ?? .null)
    var projects = (0..<rows.count).map {
      ProjectSummary(id: rows.uuid($0, 0), name: rows.text($0, 1), description: rows.optionalText($0, 2), workflows: [])
    }
    let workflows = try connection.execute(.workflowsOfProjects, .uuids(projects.map(\.id)))
    let presences = try Presences.read(
      (0..<workflows.count).map { workflows.uuid($0, 1) }, age: presenceAge, connection)
    let places = Dictionary(uniqueKeysWithValues: projects.enumerated().map { ($1.id, $0) })
    for row in 0..<workflows.count {
      guard let place = places[workflows.uuid(row, 0)] else { continue }
      let id = workflows.uuid(row, 1)
      projects[place].workflows.append(
        WorkflowSummary(
          id: id, name: workflows.text(row, 2), lockVersion: workflows.int4(row, 3),
          jobCount: Int(workflows.int8(row, 4)), openConflicts: Int(workflows.int8(row, 5)),
          isNew: workflows.bool(row, 6), presence: presences[id]))
    }
    return projects
  }
}

extension Statement {
  fileprivate static let projectPage = Statement(
    "project_page",
    """
    select id, name, description from projects
    where ($1::uuid is null or (lower(name), id) > (select lower(name), id from projects where id = $1::uuid))
      and ($3::text is null or id in (select project_id from project_memberships where user_id::text = $3::text))
      and ($4::uuid is null or id = $4::uuid)
    order by lower(name), id limit $2::bigint
    """)
  fileprivate static let workflowsOfProjects = Statement(
    "workflows_of_projects",
    """
    select * from (
    select project_id, id, name, lock_version,
      (select count(*) from jobs j where j.workflow_id = w.id),
      (select count(*) from conflicts c where c.workflow_id = w.id and c.status = 'open'), false
    from workflows w where project_id = any($1::uuid[]) and deleted_at is null
    union all
    select new_in_project, workflow_id, b.content->>'name', 0, 0, 0, true
    from documents d join document_bases b using (workflow_id) where new_in_project = any($1::uuid[])
    ) w (project_id, id, name, lock_version, jobs, conflicts, is_new) order by lower(name), id
    """)
}
