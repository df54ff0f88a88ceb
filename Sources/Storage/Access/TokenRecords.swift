import Workflow

/// What the database keeps about tokens, and about those who have them.
enum TokenRecords {
  /// A secret that the servers share, such as the one that they sign their own tokens with; made by whoever asks first.
  static func secret(_ name: String, _ connection: PostgresConnection) throws -> [UInt8] {
    let fresh = (0..<secretBytes).map { _ in UInt8.random(in: 0...255) }
    try connection.execute(.makeSecret, .text(name), .bytes(fresh))
    let rows = try connection.execute(.secret, .text(name))
    guard !rows.isEmpty else { throw StoreError.damaged("the secret for \(name) is gone") }
    return rows.bytes(0, 0)
  }

  private static let secretBytes = 32

  /// The id of the user with this id, e-mail address or name at an identity provider.
  static func user(_ text: String, _ connection: PostgresConnection) throws -> String? {
    let rows = try connection.execute(.user, .text(text))
    return rows.isEmpty ? nil : rows.uuid(0, 0)
  }

  static func revoke(token id: String, until expiry: Int64, _ connection: PostgresConnection) throws {
    try connection.execute(.revokeToken, .text(id), .int8(expiry))
  }

  /// Takes back all tokens of a subject that were issued until now. False where there is no such user or connection.
  static func revokeAll(of subject: Subject, _ connection: PostgresConnection) throws -> Bool {
    switch subject {
    case .user(let id): try connection.execute(.revokeUser, .uuid(id)).affected > 0
    case .repository(let id): try connection.execute(.revokeRepository, .uuid(id)).affected > 0
    }
  }

  /// Forgets what expired by itself.
  static let expiry: [Statement] = [.forgetExpired]

  /// Makes a user the owner of a project that has no members.
  static func claim(project: String, for actor: Actor, _ connection: PostgresConnection) throws {
    guard actor.type == Actor.userType, let id = actor.id else { return }
    try connection.execute(.claimOwnership, .uuid(project), .uuid(id))
  }
}

extension Statement {
  fileprivate static let makeSecret = Statement(
    "make_secret",
    "insert into token_secrets (name, secret) values ($1, $2) on conflict (name) do nothing")
  fileprivate static let secret = Statement("secret", "select secret from token_secrets where name = $1")
  fileprivate static let user = Statement(
    "user",
    """
    select id from users where lower(email) = lower($1) or subject = $1 or id::text = lower($1)
    order by id::text = lower($1) desc, subject = $1 desc nulls last limit 1
    """)
  fileprivate static let revokeToken = Statement(
    "revoke_token",
    """
    insert into revoked_tokens (id, expires_at) values ($1, to_timestamp($2::bigint))
    on conflict (id) do update set expires_at = greatest(revoked_tokens.expires_at, excluded.expires_at)
    """)
  /// Who is disabled stays so: that is for ever from now on.
  fileprivate static let revokeUser = Statement(
    "revoke_user", "update users set tokens_not_before = greatest(tokens_not_before, clock_timestamp()) where id = $1")
  fileprivate static let revokeRepository = Statement(
    "revoke_repository",
    "update project_repo_connections set tokens_not_before = clock_timestamp() where project_id = $1")
  /// A day later, whatever clocks are skewed by.
  fileprivate static let forgetExpired = Statement(
    "forget_expired_tokens",
    """
    delete from revoked_tokens t using (
      select id from revoked_tokens
      where $1::bigint is not null and expires_at < clock_timestamp() - interval '1 day' limit $2
    ) old
    where t.id = old.id and t.expires_at < clock_timestamp() - interval '1 day'
    """)
  fileprivate static let claimOwnership = Statement(
    "claim_ownership",
    """
    insert into project_memberships (project_id, user_id, role)
    select $1, id, 'owner' from users where id = $2
      and not exists (select from project_memberships where project_id = $1)
    """)
}
