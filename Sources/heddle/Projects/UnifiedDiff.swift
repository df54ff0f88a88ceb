/// How two texts differ, line by line, as `diff -u` shows it.
struct UnifiedDiff {
  /// Lines that are shown around a change.
  private static let context = 3
  /// Of longer texts only the lines are counted: comparing takes as many steps as lines multiplied by changes.
  private static let longestCompared = 10_000

  /// The hunks, without a line break at the end; "" where nothing differs.
  let text: String

  init(from old: String, to new: String) {
    let (before, after) = (Self.lines(of: old), Self.lines(of: new))
    guard max(before.count, after.count) <= Self.longestCompared else {
      text = "(\(before.count) lines before, \(after.count) after)"
      return
    }
    let hunks = Self.hunks(of: Self.edits(before, after))
    text = hunks.joined(separator: "\n")
  }

  private enum Edit {
    case same(Substring)
    case removed(Substring)
    case added(Substring)

    var isSame: Bool { if case .same = self { true } else { false } }

    var line: String {
      switch self {
      case .same(let line): " " + line
      case .removed(let line): "-" + line
      case .added(let line): "+" + line
      }
    }
  }

  /// A line break at the end is part of the last line, so that one without it differs.
  private static func lines(of text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() } else { lines.append("\\ no line break at the end") }
    return lines
  }

  private static func edits(_ before: [Substring], _ after: [Substring]) -> [Edit] {
    var (removed, added) = (Set<Int>(), Set<Int>())
    for change in after.difference(from: before) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var (edits, old, new) = ([Edit](), 0, 0)
    while old < before.count || new < after.count {
      if removed.contains(old) {
        edits.append(.removed(before[old]))
        old += 1
      } else if added.contains(new) {
        edits.append(.added(after[new]))
        new += 1
      } else {
        edits.append(.same(before[old]))
        old += 1
        new += 1
      }
    }
    return edits
  }

  private static func hunks(of edits: [Edit]) -> [String] {
    var hunks: [String] = []
    var position = 0
    var numbers = (old: 1, new: 1)
    func advance(to end: Int) {
      for edit in edits[position..<end] {
        switch edit {
        case .same: numbers = (numbers.old + 1, numbers.new + 1)
        case .removed: numbers.old += 1
        case .added: numbers.new += 1
        }
      }
      position = end
    }
    while let first = edits[position...].firstIndex(where: { !$0.isSame }) {
      advance(to: max(position, first - context))
      let end = Self.end(ofHunkWith: first, in: edits)
      let shown = edits[position..<end]
      let old = shown.count { if case .added = $0 { false } else { true } }
      let new = shown.count { if case .removed = $0 { false } else { true } }
      hunks.append("@@ -\(numbers.old),\(old) +\(numbers.new),\(new) @@")
      hunks += shown.map(\.line)
      advance(to: end)
    }
    return hunks
  }

  /// Changes that are nearer to each other than twice the context are in one hunk.
  private static func end(ofHunkWith first: Int, in edits: [Edit]) -> Int {
    var last = first
    while let next = edits[(last + 1)...].firstIndex(where: { !$0.isSame }), next - last <= 2 * context { last = next }
    return min(edits.count, last + 1 + context)
  }
}
