/// Takes every step in every world that can be reached, depth first.
struct Search {
  /// What was found.
  struct Report {
    var worlds = 0
    var steps = 0
    /// Worlds in which nothing can happen any more.
    var ends = 0
    /// Ways from the beginning to an end: the interleavings that the worlds stand for. Exact up to 2^53.
    var interleavings = 0.0
    /// Steps that lead back to a world on the way to it; their ways are not counted.
    var loops = 0
    var longest = 0
    /// The first that went wrong, and the steps that led to it.
    var violation: (texts: [String], trace: [Step])?
    /// Whether the limit was reached before all was seen.
    var isCutShort = false
  }

  private struct Frame {
    let number: Int
    let world: World
    /// What led here.
    let arrival: Step?
    var untried: [Step]
    /// Ways from here to an end, as far as they are known.
    var ways = 0.0
    var isEnd = true
  }

  private let model: Model
  private let limit: Int
  private var numbers: [World: Int] = [:]
  /// Ways from a world to an end; nil while they are being counted.
  private var ways: [Double?] = []
  private var path: [Frame] = []
  private var report = Report()

  private init(_ model: Model, limit: Int) {
    self.model = model
    self.limit = limit
  }

  /// Stops at the first violation, or where there are more worlds than the limit.
  static func run(_ model: Model, limit: Int = .max) -> Report {
    var search = Search(model, limit: limit)
    search.enter(model.begin(), by: nil)
    while search.report.violation == nil, !search.report.isCutShort, !search.path.isEmpty { search.proceed() }
    return search.report
  }

  private mutating func enter(_ world: World, by step: Step?) {
    let number = numbers.count
    numbers[world] = number
    ways.append(nil)
    report.worlds += 1
    report.isCutShort = report.worlds >= limit
    path.append(Frame(number: number, world: world, arrival: step, untried: model.steps(of: world)))
    report.longest = max(report.longest, path.count - 1)
    model.check(world)
    noteViolations()
  }

  private mutating func proceed() {
    let last = path.count - 1
    guard let step = path[last].untried.popLast() else { return leave() }
    let world = path[last].world
    let next = model.take(step, in: world)
    noteViolations(after: step)
    guard next != world else { return }
    report.steps += 1
    path[last].isEnd = false
    if let known = numbers[next] {
      if let ways = ways[known] { path[last].ways += ways } else { report.loops += 1 }
    } else {
      enter(next, by: step)
    }
  }

  private mutating func leave() {
    guard var frame = path.last else { return }
    if frame.isEnd {
      report.ends += 1
      frame.ways = 1
      model.checkEnd(of: frame.world)
      noteViolations()
    }
    path.removeLast()
    ways[frame.number] = frame.ways
    if path.isEmpty { report.interleavings = frame.ways } else { path[path.count - 1].ways += frame.ways }
  }

  private mutating func noteViolations(after step: Step? = nil) {
    guard !model.violations.isEmpty, report.violation == nil else { return }
    report.violation = (model.violations, path.compactMap(\.arrival) + (step.map { [$0] } ?? []))
  }
}
