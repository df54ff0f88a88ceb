/// One thing to measure.
struct Workload {
  let name: String
  /// How many times as fast as the peer we want to be: what the peer took on one machine over what we wanted to take there.
  let goal: Double
  /// Makes ready what one run needs; only the run itself is measured.
  let prepare: () throws -> () throws -> Void

  init(_ name: String, goal: Double, prepare: @escaping () throws -> () throws -> Void) {
    self.name = name
    self.goal = goal
    self.prepare = prepare
  }

  /// For what needs no preparation.
  init(_ name: String, goal: Double, run: @escaping () throws -> Void) {
    self.init(name, goal: goal) { run }
  }

  /// How often it is done in one measurement, so that one takes 25 ms at least; the peers count by the same rule.
  func iterations() throws -> Int {
    max(1, min(2000, Int(25 / max(try measure(1), 0.002)) + 1))
  }

  /// Milliseconds of one run, the mean of `iterations`.
  func measure(_ iterations: Int) throws -> Double {
    let runs = try (0..<iterations).map { _ in try prepare() }
    let time = try ContinuousClock().measure { for run in runs { try run() } }
    return time.milliseconds / Double(iterations)
  }

  func repeated(_ times: Int) throws {
    for _ in 0..<times { try prepare()() }
  }
}

extension Duration {
  /// This duration in milliseconds.
  var milliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}
