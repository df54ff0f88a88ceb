/// The work a diff may still spend. When it runs out, what is left undone becomes one coarse change: larger, never wrong.
struct DiffBudget {
  let limits: DiffLimits
  private(set) var remaining: Int

  init(_ limits: DiffLimits = .standard) {
    self.limits = limits
    remaining = limits.operations
  }

  /// Takes `operations` off the budget; false, with nothing taken, when it does not hold that many.
  mutating func spend(_ operations: Int) -> Bool {
    guard operations <= remaining else { return false }
    remaining -= operations
    return true
  }
}
