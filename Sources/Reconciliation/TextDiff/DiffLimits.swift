/// How much work the differences of texts may be in one merge, counted in operations and not in time, so that every node
/// and every run comes to the same result.
///
/// Beyond a limit differences become coarser: whole stretches count as replaced. Nothing is lost by that, since
/// characters that somebody wrote and did not save are never part of what a change replaces.
public struct DiffLimits: Hashable, Sendable {
  /// Comparisons in one merge, all its texts together.
  public var operations: Int
  /// How far the search for the shortest way between two stretches without a unique token in common goes, from either
  /// end: half the edits that it can find.
  public var searchDepth: Int
  /// Lines that are compared to find jobs that came back under another id by their bodies.
  public var comparedLines: Int

  public init(operations: Int, searchDepth: Int, comparedLines: Int = 1_000_000) {
    self.operations = operations
    self.searchDepth = searchDepth
    self.comparedLines = comparedLines
  }

  /// Enough for the texts of a large workflow; about 50 ms of CPU when all of it is spent.
  public static let standard = DiffLimits(operations: 20_000_000, searchDepth: 512)
}
