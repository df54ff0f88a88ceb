/// Which credentials a user has, as far as projects know of them.
public struct OwnCredentials: Hashable, Sendable {
  /// The user's e-mail address, by which credentials name their owner.
  public var email: String
  /// Those that are attached to any project.
  public var names: Set<String>
}

enum CredentialReader {
  /// Nil where there is no such user.
  static func own(ofUser id: String, _ connection: PostgresConnection) throws -> OwnCredentials? {
    let rows = try connection.execute(.ownCredentials, .uuid(id))
    guard !rows.isEmpty else { return nil }
    return OwnCredentials(email: rows.text(0, 0), names: Set((0..<rows.count).compactMap { rows.optionalText($0, 1) }))
  }
}

extension Store {
  /// The credentials of a user; nil where there is no such user.
  public func readOwnCredentials(ofUser id: String, _ completion: @escaping Completion<OwnCredentials?>) {
    read(completion) { try CredentialReader.own(ofUser: id, $0) }
  }
}

extension Statement {
  fileprivate static let ownCredentials = Statement(
    "own_credentials",
    """
    select distinct u.email, c.name from users u left join project_credentials c on lower(c.owner) = lower(u.email)
    where u.id = $1
    """)
}
