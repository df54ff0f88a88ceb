/// A commit of a repository.
public struct GitCommit: Hashable, Sendable, Identifiable {
  public let id: GitObjectID
  /// Who wrote it.
  public let author: GitPerson
  /// When it was written, in seconds since 1970.
  public let date: Int
  /// What is said about it, without the line end at its end.
  public let message: String
  /// What it follows; the first is the line that it was committed to. A merge has several.
  public let parents: [GitObjectID]

  public init(id: GitObjectID, author: GitPerson, date: Int, message: String, parents: [GitObjectID]) {
    self.id = id
    self.author = author
    self.date = date
    self.message = message
    self.parents = parents
  }

  /// The first line of the message.
  public var subject: String { String(message.prefix { !$0.isNewline }) }
}

/// Who a commit is of.
public struct GitPerson: Hashable, Sendable {
  public let name: String
  public let email: String

  public init(name: String, email: String) {
    self.name = name
    self.email = email
  }
}
