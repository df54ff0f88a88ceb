/// Characters of a text that stand side by side and were written one after the other by one client.
public struct IDRun: Hashable, Sendable {
  /// Where they are in `YText.string`, in UTF-16 code units.
  public var range: Range<Int>
  /// The id of the first. Those of the others follow, clock by clock.
  public var id: ID

  /// Characters at `range` whose ids begin with `id`.
  public init(range: Range<Int>, id: ID) {
    self.range = range
    self.id = id
  }
}

/// Who wrote what: the ids of what a document shows.
extension YText {
  /// The ids of the characters that `string` has, from its start to its end in runs that are as long as possible. O(items
  /// of the text).
  public func idRuns() -> [IDRun] {
    var runs: [IDRun] = []
    var offset = 0
    doc.store.forEachLiveItem(type) { item in
      let record = doc.store.items[item]
      guard record.kind == .string else { return }
      let (id, end) = (doc.store.id(of: item), offset + Int(record.length))
      if let last = runs.last, last.id.client == id.client, last.id.clock + UInt64(last.range.count) == id.clock {
        runs[runs.count - 1].range = last.range.lowerBound..<end
      } else {
        runs.append(IDRun(range: offset..<end, id: id))
      }
      offset = end
    }
    return runs
  }
}

extension YMap {
  /// The id of the unit that holds this map: its client is who made it. Nil for a root and for a map that was deleted.
  /// O(1).
  public var itemID: ID? {
    let item = doc.store.types[type].item
    return isDeleted || item == .none ? nil : doc.store.id(of: item)
  }
}
