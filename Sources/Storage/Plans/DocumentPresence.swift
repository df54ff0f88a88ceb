/// Who has a document open, on all servers.
public struct DocumentPresence: Hashable, Sendable {
  /// How many connections there are.
  public var members: Int
  /// The names that members show of themselves, each once, in alphabetical order.
  public var names: [String]

  public init(members: Int, names: [String]) {
    self.members = members
    self.names = names
  }

  /// Both together.
  func adding(_ other: DocumentPresence) -> DocumentPresence {
    DocumentPresence(members: members + other.members, names: Set(names).union(other.names).sorted())
  }
}
