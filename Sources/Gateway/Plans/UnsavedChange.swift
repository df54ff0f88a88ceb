public import Workflow

/// Something that people have edited and not saved, beside an import.
public struct UnsavedChange: Sendable {
  public var change: ContentChange
  /// Whether the import is about it as well: about the same unit, what that is part of, or a part of it; or deletes the
  /// workflow.
  public var isMet: Bool
}

/// What an import is about, to be asked about many edits.
struct ImportedUnits {
  /// What it changes, adds or removes.
  private var units: Set<[String]> = []
  /// What that is part of.
  private var wholes: Set<[String]> = []
  /// The ids of what it removes, and of all that it refers to.
  private var removed: Set<String> = []
  private var referred: Set<String> = []

  /// O(changes).
  init(_ changes: [ContentChange], _ conflicts: [Conflict]) {
    for change in changes {
      insert(change.unit)
      removed.formUnion(change.removedID)
      referred.formUnion(change.referredIDs)
    }
    for conflict in conflicts {
      insert(conflict.unit)
      // Several fields may be one unit of a conflict.
      for fields in [conflict.base, conflict.live, conflict.database] where conflict.unit.count > 2 {
        for field in fields?.object?.keys.sorted() ?? [] { insert(conflict.unit.dropLast() + [field]) }
      }
    }
  }

  private mutating func insert(_ unit: [String]) {
    units.insert(unit)
    for length in 2..<max(2, unit.count) { wholes.insert(Array(unit.prefix(length))) }
  }

  /// Whether an edit is about the same, or one of the two refers to what the other removes.
  func meet(_ edit: ContentChange) -> Bool {
    let unit = edit.unit
    if wholes.contains(unit) { return true }
    for length in 2...max(2, unit.count) where units.contains(Array(unit.prefix(length))) { return true }
    // A node's position is a part of the node.
    if unit[0] == "positions" { return ["jobs", "triggers"].contains { units.contains([$0, unit[1]]) } }
    if unit.count == 2, unit[0] != "edges", units.contains(["positions", unit[1]]) { return true }
    return !removed.isDisjoint(with: edit.referredIDs) || !referred.isDisjoint(with: edit.removedID)
  }
}

extension ContentChange {
  /// The id of the entity that goes.
  fileprivate var removedID: [String] { kind == .removed && unit.count == 2 ? [unit[1]] : [] }

  /// What an edge or trigger that stays refers to, as far as this is about it: all strings that may be ids.
  fileprivate var referredIDs: [String] {
    guard unit[0] == "edges" || unit[0] == "triggers" else { return [] }
    return (after?.object.map { Array($0.values) } ?? after.map { [$0] } ?? []).compactMap(\.string)
  }
}
