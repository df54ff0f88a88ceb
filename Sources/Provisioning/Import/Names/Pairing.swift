/// Pairs what a file has with what is there, each at most once, by one key after the other.
struct Pairing {
  /// By index of what the file has: the index of what is there.
  private(set) var partners: [Int?]
  private var isTaken: [Bool]

  /// `new` and `old` are how many the file has, and how many there are.
  init(new: Int, old: Int) {
    partners = Array(repeating: nil, count: new)
    isTaken = Array(repeating: false, count: old)
  }

  /// The indices of what is there and has no partner.
  var left: [Int] { isTaken.indices.filter { !isTaken[$0] } }
  /// The indices of what the file has and has no partner.
  var unpaired: [Int] { partners.indices.filter { partners[$0] == nil } }

  /// Pairs those of both sides that have no partner yet and have equal keys: all of them in their order, or only where a
  /// key occurs once on either side. O(both).
  mutating func pair<Key: Hashable>(
    uniquely isUnique: Bool = false, new newKey: (Int) -> Key?, old oldKey: (Int) -> Key?
  ) {
    let unpaired = unpaired
    guard !unpaired.isEmpty else { return }
    var olds: [Key: [Int]] = [:]
    for index in left { if let key = oldKey(index) { olds[key, default: []].append(index) } }
    guard !olds.isEmpty else { return }
    var news: [Key: [Int]] = [:]
    for index in unpaired { if let key = newKey(index) { news[key, default: []].append(index) } }
    for (key, indices) in news {
      guard let candidates = olds[key], !isUnique || (indices.count == 1 && candidates.count == 1) else { continue }
      for (new, old) in zip(indices, candidates) {
        partners[new] = old
        isTaken[old] = true
      }
    }
  }
}
