/// How each part of a workflow is merged, and who stands when both sides changed it differently.
///
/// A policy decides winners only. What one side alone changed is taken over under every policy, and the version that did
/// not win is in the conflict record.
public struct Policy: Hashable, Sendable {
  /// What a part of a workflow is to the merge.
  public enum Kind: String, Hashable, Sendable {
    /// One value; null, absent and "" are the same.
    case scalar
    /// A text in which both sides' changes are kept.
    case text
    /// An object merged key by key.
    case map
    /// Entities known by their identity, in no order.
    case set
    /// Several fields, or a structured value, that only make sense together.
    case atomic
    /// Always as the database has it.
    case serverOwned
  }

  /// Whose version the document shows after both sides changed the same thing.
  public enum Winner: String, Hashable, Sendable, CaseIterable {
    case database, live
  }

  /// One line of the table: the parts it is about (`*` stands for one path component) and how they are merged.
  public struct Rule: Hashable, Sendable {
    public var path: [String]
    public var kind: Kind
    /// nil where nobody wins, because both sides' changes are kept or only one side counts.
    public var winner: Winner?
    /// The document's keys that make up this part, where it is not one key of the same name.
    public var fields: [String]
    /// For entities: the fields by which one that came back under another id is known. Entities of equal ids are always
    /// the same.
    public var naturalKey: [String]
    /// For texts: how much work the difference of two versions may be.
    public var limits: DiffLimits?
  }

  /// The table; of several rules that match, the first counts.
  public private(set) var rules: [Rule]

  init(rules: [Rule]) {
    self.rules = rules
  }

  /// The rule for the part at `path`. What no rule names belongs to the nearest part around it that has one.
  func rule(for path: [String]) -> Rule {
    for length in stride(from: path.count, to: 0, by: -1) {
      if let rule = rules.first(where: { $0.matches(path.prefix(length)) }) { return rule }
    }
    return .scalar(path.joined(separator: "."))
  }

  /// The parts an entity of `collection` ("jobs", "triggers", "edges"), or the workflow itself, consists of.
  func units(of collection: String) -> [Rule] {
    let depth = collection == "workflow" ? 2 : 3
    return rules.filter { $0.path.first == collection && $0.path.count == depth }
  }

  /// The limits for the differences of texts.
  var textLimits: DiffLimits {
    rules.compactMap(\.limits).first ?? .standard
  }

  mutating func setWinner(_ winner: Winner, ofRuleAt index: Int) {
    rules[index].winner = winner
  }
}

extension Policy.Rule {
  /// The last component: what the part is called in paths of conflicts.
  var name: String { path[path.count - 1] }

  /// The path as people write it.
  var dottedPath: String { path.joined(separator: ".") }

  fileprivate func matches(_ other: ArraySlice<String>) -> Bool {
    path.count == other.count && zip(path, other).allSatisfy { $0 == "*" || $0 == $1 }
  }
}
