/// The schedule of a trigger: five fields (minute, hour, day of the month, month, day of the week), each a list of
/// values, ranges and steps, or one of the shorthands like `@daily`.
struct CronExpression {
  /// Whether there is a day on which it fires.
  ///
  /// As everywhere with cron, where both days are restricted, that is do not begin with `*`, one of them is enough, and otherwise
  /// both have to fit. Every date that there is falls on every day of the week sooner or later, so that only dates that there
  /// never are make it never fire.
  let fires: Bool

  private static let shorthands: Set<String> = [
    "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
  ]
  private static let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
  private static let days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
  /// How long a month may be, February in a leap year.
  private static let monthLengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

  /// Reads an expression; nil where a scheduler could not.
  init?(_ text: String) {
    if Self.shorthands.contains(text) {
      fires = true
      return
    }
    let fields = text.split(whereSeparator: \.isWhitespace)
    guard fields.count == 5, Self.values(of: fields[0], 0...59) != nil, Self.values(of: fields[1], 0...23) != nil,
      let days = Self.values(of: fields[2], 1...31),
      let months = Self.values(of: fields[3], 1...12, names: Self.months, firstName: 1),
      Self.values(of: fields[4], 0...7, names: Self.days, firstName: 0) != nil
    else { return nil }
    let isEitherEnough = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
    let firstDay = days.min() ?? 1
    fires = isEitherEnough || months.contains { firstDay <= Self.monthLengths[$0 - 1] }
  }

  /// Whether a scheduler could read the expression.
  static func isValid(_ text: String) -> Bool { CronExpression(text) != nil }

  /// What a field stands for; nil for one that cannot be read.
  private static func values(
    of field: Substring, _ bounds: ClosedRange<Int>, names: [String] = [], firstName: Int = 0
  ) -> Set<Int>? {
    var values: Set<Int> = []
    for part in field.split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      let step = pieces.count == 2 ? number(pieces[1]) : 1
      guard let step, step >= 1, let range = range(pieces[0], bounds, names, firstName) else { return nil }
      // With a step a single value is where it begins.
      let end = pieces.count == 2 && !pieces[0].contains("-") ? bounds.upperBound : range.upperBound
      values.formUnion(stride(from: range.lowerBound, through: end, by: step))
    }
    return values
  }

  private static func range(
    _ text: Substring, _ bounds: ClosedRange<Int>, _ names: [String], _ firstName: Int
  ) -> ClosedRange<Int>? {
    if text == "*" { return bounds }
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { end in
      names.firstIndex(of: end.uppercased()).map { $0 + firstName } ?? number(end)
    }
    guard let first = ends[0], let last = ends[ends.count - 1], bounds.contains(first), bounds.contains(last),
      first <= last
    else { return nil }
    return first...last
  }

  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
  }
}
