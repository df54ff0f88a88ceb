public import Workflow

extension Store {
  /// Who somebody with a token is and what they may do, for each question.
  public func readAccess(_ questions: [AccessQuestion], _ completion: @escaping Completion<[AccessAnswer]>) {
    read(completion) { try AccessReader.answers(questions, $0) }
  }

  /// Sets who is told when users, memberships, connections of repositories or tokens may have changed. A hint: it comes as well
  /// with every poll.
  public func onAccessChanged(_ handler: @escaping @Sendable () -> Void) {
    listener.setAccessHandler(handler)
  }

  /// What the servers of this database sign their own tokens with.
  public func tokenSecret(_ completion: @escaping Completion<[UInt8]>) {
    read(completion) { try TokenRecords.secret("tokens", $0) }
  }

  /// The id of the user whose id, e-mail address or name at an identity provider this is; nil where there is none.
  public func findUser(_ text: String, _ completion: @escaping Completion<String?>) {
    read(completion) { try TokenRecords.user(text, $0) }
  }

  /// Takes a token back, by its `jti`. `expiry` is when it expires by itself, in seconds since 1970.
  public func revokeToken(_ id: String, until expiry: Int64, _ completion: @escaping Completion<Void>) {
    read(completion) { try TokenRecords.revoke(token: id, until: expiry, $0) }
  }

  /// Takes back all tokens of somebody that were issued until now. False where there is nobody like that.
  public func revokeTokens(of subject: Subject, _ completion: @escaping Completion<Bool>) {
    read(completion) { try TokenRecords.revokeAll(of: subject, $0) }
  }

  /// An id for a token.
  public static func newTokenID() -> String { UUIDText.random() }
}
