import YCRDT

/// A shared text seen from its base, whose characters are known by their ids: so what was done to it since is exact,
/// whatever the texts look like.
struct AnchoredText {
  let body: YText
  /// What the text shows.
  let live: String
  /// From the base, with the added characters, to what the text shows.
  let changes: [TextChange]
  /// Live characters that count as the base's.
  let added: IdSet
  private let base: String
  private let baseIDs: IdSet
  private let addedRanges: [Range<Int>]

  /// nil where the ids are not those of the base's characters, or these are not all in this text.
  init?(_ body: YText, ids: IdSet?, base: String, live: String) {
    guard let ids, body.count(of: ids) == base.utf16.count else { return nil }
    self.init(body, ids: ids, added: IdSet(), addedRanges: [], base: base, live: live)
    guard changes.applied(to: base) == live else { return nil }
  }

  private init(
    _ body: YText, ids: IdSet, added: IdSet, addedRanges: [Range<Int>], base: String, live: String
  ) {
    self.body = body
    self.live = live
    self.base = base
    baseIDs = ids
    self.added = added
    self.addedRanges = addedRanges
    var all = ids
    all.formUnion(added)
    changes = body.changes(since: all)
  }

  /// The stretches of the live text that are not of the base.
  var written: [Range<Int>] {
    TextMerge.liveRanges(of: changes, in: changes)
  }

  /// The ids of stretches of the live text.
  func ids(in ranges: [Range<Int>]) -> IdSet {
    body.liveIDs(in: ranges.sorted { $0.lowerBound < $1.lowerBound })
  }

  /// The same text with some of its live characters counted as the base's.
  func adding(_ ranges: [Range<Int>]) -> AnchoredText {
    AnchoredText(
      body, ids: baseIDs, added: ids(in: ranges), addedRanges: ranges.sorted { $0.lowerBound < $1.lowerBound },
      base: base, live: live)
  }

  /// The base's text with the added characters in their places among the others, deleted ones included; and where the
  /// added ones are in it.
  var spelled: (text: String, added: [Range<Int>])? {
    let (baseUnits, liveUnits) = (base.units, live.units)
    var (text, added): ([UInt16], [Range<Int>]) = ([], [])
    var (baseIndex, liveIndex) = (0, 0)
    var pending = addedRanges[...]
    func isAdded(_ index: Int) -> Bool {
      while let first = pending.first, first.upperBound <= index { pending.removeFirst() }
      return pending.first?.contains(index) == true
    }
    func copyLive(to end: Int) -> Bool {
      while text.count < end {
        guard liveIndex < liveUnits.count else { return false }
        if isAdded(liveIndex) {
          let start = added.last?.upperBound == text.count ? added.removeLast().lowerBound : text.count
          added.append(start..<text.count + 1)
        } else {
          baseIndex += 1
        }
        text.append(liveUnits[liveIndex])
        liveIndex += 1
      }
      return true
    }
    for change in changes {
      guard copyLive(to: change.range.lowerBound), baseIndex + change.range.count <= baseUnits.count else { return nil }
      text.append(contentsOf: baseUnits[baseIndex..<baseIndex + change.range.count])
      baseIndex += change.range.count
      liveIndex += change.replacement.utf16.count
    }
    guard copyLive(to: text.count + liveUnits.count - liveIndex), baseIndex == baseUnits.count else { return nil }
    return (String(units: text[...]), added)
  }
}
