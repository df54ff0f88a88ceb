import Workflow

/// Looks up who may do what.
enum AccessReader {
  /// The answers, in the order of the questions, all as of one moment.
  static func answers(_ questions: [AccessQuestion], _ connection: PostgresConnection) throws -> [AccessAnswer] {
    guard !questions.isEmpty else { return [] }
    let columns = questions.map(Columns.init)
    let rows = try connection.execute(
      .access, .uuids(columns.map(\.userID)), .texts(columns.map(\.subject)), .uuids(columns.map(\.repository)),
      .int8s(questions.map(\.credential.issuedAt)), .texts(columns.map { $0.tokens.first }),
      .texts(columns.map { $0.tokens.dropFirst().first }), .uuids(columns.map(\.workflow)),
      .uuids(columns.map(\.project)))
    return zip(questions, 0..<rows.count).map { answer(to: $0, rows, $1) }
  }

  /// A question as the statement takes it; what is no uuid becomes null.
  private struct Columns {
    var userID = ""
    var subject: String?
    var repository = ""
    var tokens: [String]
    var workflow = ""
    var project = ""

    init(_ question: AccessQuestion) {
      tokens = question.credential.tokenIDs
      switch question.credential.subject {
      case .user(let text): (userID, subject) = (text, text)
      case .repository(let id): repository = id
      }
      switch question.target {
      case .server: break
      case .project(let id): project = id
      case .workflow(let id): workflow = id
      }
    }
  }

  private static func answer(to question: AccessQuestion, _ rows: Rows, _ row: Int) -> AccessAnswer {
    let project = rows.optionalUUID(row, 6)
    let (actor, capacity): (Actor, Capacity)
    switch question.credential.subject {
    case .user:
      guard let id = rows.optionalUUID(row, 0) else { return .unknown }
      actor = Actor(type: Actor.userType, id: id, name: rows.text(row, 1))
      let role = rows.optionalText(row, 3).flatMap(Role.init)
      capacity = .user(project == nil ? nil : role, isSuperuser: rows.bool(row, 2))
    case .repository(let projectID):
      guard let id = rows.optionalUUID(row, 4) else { return .unknown }
      actor = Actor(type: Actor.repositoryType, id: id, name: rows.text(row, 5))
      capacity = project == projectID ? .repository : .outsider
    }
    guard !rows.bool(row, 8) else { return .revoked }
    return .known(
      KnownAccess(actor: actor, capacity: capacity, projectID: project, hasMembers: rows.bool(row, 7)))
  }
}

extension Statement {
  fileprivate static let access = Statement(
    "access",
    """
    select u.id, coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email), coalesce(u.is_superuser, false),
      m.role, c.id, c.repo, p.id, exists (select from project_memberships a where a.project_id = p.id),
      exists (select from revoked_tokens r where r.id in (q.token, q.parent))
        or coalesce(to_timestamp(q.issued / 1000.0) < coalesce(u.tokens_not_before, c.tokens_not_before), false)
    from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::uuid[], $8::uuid[])
      with ordinality as q (user_id, subject, repository, issued, token, parent, workflow, project, place)
    left join lateral (
      select * from users where id = q.user_id union all select * from users where subject = q.subject limit 1
    ) u on true
    left join project_repo_connections c on c.project_id = q.repository
    left join workflows w on w.id = q.workflow
    left join documents d on d.workflow_id = q.workflow and w.id is null
    left join projects p on p.id = coalesce(w.project_id, d.new_in_project, q.project)
    left join project_memberships m on m.user_id = u.id and m.project_id = p.id
    order by q.place
    """)
}
