/// The work a diff may still spend. When it runs out, what is left undone becomes one coarse change: larger, never wrong.
struct DiffBudget {
  let limits: DiffLimits
  private(set) var remaining: Int

  init(_ limits: DiffLimits = .standard) {
    self.limits = limits
    remaining = limits.operations
  }

  /// Takes half of what is left for something that may well be given up, so that it leaves enough for the rest.
  mutating func takeHalf() -> DiffBudget {
    var half = self
    half.remaining = remaining / 2
    remaining -= half.remaining
    return half
  }

  /// Takes back what a part was not needed for.
  mutating func giveBack(_ part: DiffBudget) {
    remaining += part.remaining
  }

  /// Takes `operations` off the budget; false, with nothing taken, when it does not hold that many.
  mutating func spend(_ operations: Int) -> Bool {
    guard operations <= remaining else { return false }
    remaining -= operations
    return true
  }
}
