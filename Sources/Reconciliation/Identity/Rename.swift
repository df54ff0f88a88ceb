/// An entity that the database has under another id than before.
///
/// Importers that make new ids with every sync delete an entity and insert it again. Where it can be told that both are
/// the same, what people have edited goes on in the entity of the new id, and so do references to it and its position.
public struct Rename: Hashable, Sendable {
  /// By what an entity was known.
  public enum Match: String, Hashable, Sendable {
    /// By the policy's natural key: a job's name, a trigger's type, where an edge leads from and to.
    case naturalKey = "natural key"
    /// By what it says, above all a job's body.
    case content
  }

  /// `jobs`, `triggers` or `edges`.
  public var collection: String
  public var oldID: String
  public var newID: String
  public var matchedBy: Match

  public init(collection: String, oldID: String, newID: String, matchedBy: Match) {
    self.collection = collection
    self.oldID = oldID
    self.newID = newID
    self.matchedBy = matchedBy
  }
}
