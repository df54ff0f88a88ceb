/// One thing that the database and people's unsaved edits changed differently since the base, and what came of it.
public struct Conflict: Hashable, Codable, Sendable {
  /// What each side did.
  public enum Kind: String, Hashable, Codable, Sendable {
    case editEdit = "edit/edit"
    /// Edited live, deleted in the database.
    case editDelete = "edit/delete"
    /// Deleted live, edited in the database.
    case deleteEdit = "delete/edit"
    case addAdd = "add/add"
    /// The two differ and nothing is known of what they came from.
    case noBase = "no-base"
  }

  /// What the document shows now.
  public enum Winner: String, Hashable, Codable, Sendable {
    case live
    case database
    /// Both changes are in the text.
    case merged
    /// The live writing was kept although the database deleted it.
    case kept
    /// The database's writing was brought back although it was deleted live.
    case restored
  }

  public var kind: Kind
  /// Where it is, for example `["jobs", "<id>", "body"]` or `["workflow", "name"]`.
  public var unit: [String]
  /// The three values; nil where that side has none.
  public var base: JSONValue?
  public var live: JSONValue?
  public var database: JSONValue?
  /// For a text: the part of the base's text both sides changed, in UTF-16 units.
  public var range: Range<Int>?
  public var winner: Winner
  /// For a text: what the document showed right after the merge. Later edits are told apart by it.
  public var result: JSONValue?
  /// The client ids that wrote the live side, as far as the document tells.
  public var editors: [UInt64]

  /// Where records of nodes that one side moved and the other deleted have, among the node's fields, where it lay.
  public static let positionKey = "position"

  public init(
    kind: Kind, unit: [String], base: JSONValue?, live: JSONValue?, database: JSONValue?, range: Range<Int>? = nil,
    winner: Winner, result: JSONValue? = nil, editors: [UInt64] = []
  ) {
    self.kind = kind
    self.unit = unit
    self.base = base
    self.live = live
    self.database = database
    self.range = range
    self.winner = winner
    self.result = result
    self.editors = editors
  }
}
