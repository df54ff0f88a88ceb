import Workflow

/// Reads and writes users and memberships. Triggers tell the servers of each change.
enum PeopleRecords {
  // MARK: Users

  static func users(_ id: String?, _ connection: PostgresConnection) throws -> [UserRecord] {
    let rows = try connection.execute(.users, id.map(Parameter.uuid) ?? .null)
    return (0..<rows.count).map { user(rows, $0) }
  }

  /// The new user; nil where the id, the e-mail address or the subject is somebody's already.
  static func add(_ user: UserChange, id: String, _ connection: PostgresConnection) throws -> UserRecord? {
    let rows = try connection.execute(
      .addUser, .uuid(id), .text(user.email), .text(user.firstName), .text(user.lastName), .text(user.subject),
      .bool(user.isSuperuser ?? false))
    return rows.isEmpty ? nil : self.user(rows, 0)
  }

  /// The user as it is now; nil where there is none.
  static func change(
    _ id: String, _ change: UserChange, _ connection: PostgresConnection
  ) throws -> UserRecord? {
    let rows = try connection.execute(
      .changeUser, .uuid(id), .text(change.email), .text(change.firstName), .text(change.lastName),
      .text(change.subject), change.isSuperuser.map(Parameter.bool) ?? .null)
    return rows.isEmpty ? nil : user(rows, 0)
  }

  static func setDisabled(_ id: String, _ isDisabled: Bool, _ connection: PostgresConnection) throws -> UserRecord? {
    let rows = try connection.execute(.disableUser, .uuid(id), .bool(isDisabled))
    return rows.isEmpty ? nil : user(rows, 0)
  }

  private static func user(_ rows: Rows, _ row: Int) -> UserRecord {
    UserRecord(
      id: rows.uuid(row, 0), email: rows.text(row, 1), firstName: rows.optionalText(row, 2),
      lastName: rows.optionalText(row, 3), subject: rows.optionalText(row, 4), isSuperuser: rows.bool(row, 5),
      isDisabled: rows.bool(row, 6))
  }

  // MARK: Memberships

  static func memberships(
    _ project: String?, _ user: String?, _ connection: PostgresConnection
  ) throws -> [MembershipRecord] {
    let rows = try connection.execute(
      .memberships, project.map(Parameter.uuid) ?? .null, user.map(Parameter.uuid) ?? .null)
    return (0..<rows.count).compactMap { row in
      Role(rawValue: rows.text(row, 4)).map {
        MembershipRecord(
          projectID: rows.uuid(row, 0), projectName: rows.optionalText(row, 1), userID: rows.uuid(row, 2),
          email: rows.text(row, 3), role: $0)
      }
    }
  }

  /// The role before, nil for none; with a nil role the membership ends.
  static func setRole(
    _ role: Role?, of user: String, in project: String, _ connection: PostgresConnection
  ) throws -> Role? {
    let parameters = [Parameter.uuid(project), .uuid(user)]
    let rows = try connection.execute(.role, parameters[0], parameters[1])
    if let role {
      try connection.execute(.setRole, parameters[0], parameters[1], .text(role.rawValue))
    } else {
      try connection.execute(.removeRole, parameters[0], parameters[1])
    }
    return rows.isEmpty ? nil : Role(rawValue: rows.text(0, 0))
  }

  // MARK: Projects

  static func projects(_ connection: PostgresConnection) throws -> [ProjectLabel] {
    let rows = try connection.execute(.projectLabels)
    return (0..<rows.count).map { ProjectLabel(id: rows.uuid($0, 0), name: rows.text($0, 1)) }
  }
}

extension Statement {
  private static let userColumns =
    "id, email, first_name, last_name, subject, is_superuser, coalesce(tokens_not_before = 'infinity', false)"

  fileprivate static let users = Statement(
    "users", "select \(userColumns) from users where $1::uuid is null or id = $1 order by lower(email)")
  fileprivate static let addUser = Statement(
    "add_user",
    """
    insert into users (id, email, first_name, last_name, subject, is_superuser) values ($1, $2, $3, $4, $5, $6)
    on conflict do nothing returning \(userColumns)
    """)
  fileprivate static let changeUser = Statement(
    "change_user",
    """
    update users set email = coalesce($2, email), first_name = coalesce($3, first_name),
      last_name = coalesce($4, last_name), subject = coalesce($5, subject), is_superuser = coalesce($6, is_superuser)
    where id = $1 returning \(userColumns)
    """)
  /// Who is let in again needs a new token: what was issued before is not good again.
  fileprivate static let disableUser = Statement(
    "disable_user",
    """
    update users set tokens_not_before = case when $2 then 'infinity'
      when tokens_not_before = 'infinity' then clock_timestamp() else tokens_not_before end
    where id = $1 returning \(userColumns)
    """)
  fileprivate static let memberships = Statement(
    "memberships",
    """
    select m.project_id, p.name, m.user_id, u.email, m.role from project_memberships m
    join users u on u.id = m.user_id left join projects p on p.id = m.project_id
    where ($1::uuid is null or m.project_id = $1) and ($2::uuid is null or m.user_id = $2)
    order by lower(p.name), m.project_id, lower(u.email)
    """)
  fileprivate static let role = Statement(
    "role", "select role from project_memberships where project_id = $1 and user_id = $2")
  fileprivate static let setRole = Statement(
    "set_role",
    """
    insert into project_memberships (project_id, user_id, role) values ($1, $2, $3)
    on conflict (project_id, user_id) do update set role = excluded.role
    """)
  fileprivate static let removeRole = Statement(
    "remove_role", "delete from project_memberships where project_id = $1 and user_id = $2")
  fileprivate static let projectLabels = Statement(
    "project_labels", "select id, name from projects order by lower(name), id")
}
