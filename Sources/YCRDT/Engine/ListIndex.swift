/// Counted chunks of one long list: which items hold a place is found in about √n steps instead of n.
///
/// It is made when looking for a place took long, and kept true by every change of the list, local or remote. The first
/// item of each chunk is marked, so that the chunk of any item is found by walking left.
struct ListIndex {
  struct Chunk {
    var first: ItemIndex
    /// Live countable units.
    var units: Int
    /// What the chunk's format markers do to the formats in force in front of it; nil if it has to be found out.
    var formats: FormatEffect?
  }

  /// Walks of fewer items than this need no index.
  static let minimumItems = 1_000
  /// Walks of fewer items than this are tried first although there is an index.
  static let nearby = 24

  let type: TypeIndex
  /// How many items a chunk had when the index was made; it may have up to four times as many before that is mended.
  let chunkSize: Int
  var chunks: [Chunk] = []
  /// The item whose chunk was asked for last. Edits are mostly near.
  var near = ItemIndex.none
  var nearChunk = 0

  /// An index without chunks yet, for a list of so many items.
  init(_ type: TypeIndex, itemCount: Int) {
    self.type = type
    chunkSize = Swift.max(32, Int(Double(itemCount).squareRoot()))
  }

  /// So many chunks are too many to pass them one by one.
  var isScattered: Bool { chunks.count > 4 * chunkSize + 64 }

  /// Which chunk begins with an item.
  func chunk(startingWith item: ItemIndex) -> Int? {
    for chunk in nearChunk..<Swift.min(nearChunk + 2, chunks.count) where chunks[chunk].first == item { return chunk }
    return chunks.firstIndex { $0.first == item }
  }

  mutating func forgetNear() {
    near = .none
    nearChunk = 0
  }
}

/// What a run of format markers comes to: markers that later ones override are left out, so that applying it gives
/// exactly what applying them all gives, in the same order.
struct FormatEffect {
  private(set) var steps: [(key: String, value: TextAttributes.Value)] = []

  mutating func apply(_ key: String, _ value: TextAttributes.Value) {
    if value.isNull {
      steps.removeAll { $0.key == key }
    } else if let last = steps.lastIndex(where: { $0.key == key }), !steps[last].value.isNull {
      steps[last].value = value
      return
    }
    steps.append((key, value))
  }
}

extension TextAttributes {
  mutating func apply(_ effect: FormatEffect) {
    for (key, value) in effect.steps { apply(key, value) }
  }
}
