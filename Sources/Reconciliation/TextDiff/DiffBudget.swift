/// The work a diff may still spend, counted in operations and not in time, so that every node and every run comes to the
/// same result. When it runs out, what is left undone becomes one coarse change: larger, never wrong.
struct DiffBudget {
  /// Enough for the texts of a large workflow; about 50 ms of CPU when all of it is spent.
  static let standard = DiffBudget(operations: 20_000_000)

  private var remaining: Int

  init(operations: Int) {
    remaining = operations
  }

  /// Takes `operations` off the budget; false, with nothing taken, when it does not hold that many.
  mutating func spend(_ operations: Int) -> Bool {
    guard operations <= remaining else { return false }
    remaining -= operations
    return true
  }
}
