/// An entity that the database has under another id than before.
///
/// Importers that make new ids with every sync delete an entity and insert it again. Where it can be told that both are
/// the same, what people have edited goes on in the entity of the new id, and so do references to it, its position, and
/// the conflicts about it.
public struct Rename: Hashable, Codable, Sendable {
  /// By what an entity was known.
  public enum Match: String, Hashable, Codable, Sendable {
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

extension ContentChange {
  /// This change in a workflow whose entities have got other ids.
  public func renamed(by renames: [Rename]) -> ContentChange {
    var change = self
    for rename in renames { change.rename(rename) }
    return change
  }

  private mutating func rename(_ rename: Rename) {
    if rename.names(unit) { unit[1] = rename.newID }
    guard rename.isReferred(in: unit) else { return }
    before = before?.replacing(rename.oldID, by: rename.newID)
    after = after?.replacing(rename.oldID, by: rename.newID)
  }
}

extension Rename {
  private var isNode: Bool { collection != WorkflowDocument.edgesRoot }

  /// Whether a unit is the entity, part of it, or its position.
  fileprivate func names(_ unit: [String]) -> Bool {
    guard unit.count > 1, unit[1] == oldID else { return false }
    return unit[0] == collection || (isNode && unit[0] == WorkflowDocument.positionsRoot)
  }

  /// Whether values there can refer to the entity. A text may speak of an id as it likes.
  fileprivate func isReferred(in unit: [String]) -> Bool {
    isNode && (unit.first == WorkflowDocument.edgesRoot || unit.first == WorkflowDocument.triggersRoot)
  }
}

extension Conflict {
  /// This conflict in a document whose entities have got other ids: it stays with what it is about, and what it brings
  /// back refers to what is there now.
  public func renamed(by renames: [Rename]) -> Conflict {
    var conflict = self
    for rename in renames { conflict.rename(rename) }
    return conflict
  }

  private mutating func rename(_ rename: Rename) {
    if rename.names(unit) { unit[1] = rename.newID }
    guard rename.isReferred(in: unit) else { return }
    base = base?.replacing(rename.oldID, by: rename.newID)
    live = live?.replacing(rename.oldID, by: rename.newID)
    database = database?.replacing(rename.oldID, by: rename.newID)
  }
}

extension JSONValue {
  /// With another string wherever a value, or a member of it, is `old`.
  fileprivate func replacing(_ old: String, by new: String) -> JSONValue {
    switch self {
    case .string(old): .string(new)
    case .object(let members): .object(members.mapValues { $0.replacing(old, by: new) })
    default: self
    }
  }
}
