/// The syntax of schedules: five fields (minute, hour, day of the month, month, day of the week), each a list of
/// values, ranges and steps, or one of the shorthands like `@daily`.
enum CronExpression {
  private static let shorthands: Set<String> = [
    "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
  ]
  private static let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
  private static let days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]

  /// Whether a scheduler could read the expression.
  static func isValid(_ text: String) -> Bool {
    if shorthands.contains(text) { return true }
    let fields = text.split(whereSeparator: \.isWhitespace)
    guard fields.count == 5 else { return false }
    return isValid(fields[0], 0...59) && isValid(fields[1], 0...23) && isValid(fields[2], 1...31)
      && isValid(fields[3], 1...12, names: months, firstName: 1) && isValid(fields[4], 0...7, names: days, firstName: 0)
  }

  private static func isValid(
    _ field: Substring, _ bounds: ClosedRange<Int>, names: [String] = [], firstName: Int = 0
  ) -> Bool {
    field.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { part in
      let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      if pieces.count == 2, number(pieces[1]).map({ $0 < 1 }) ?? true { return false }
      if pieces[0] == "*" { return true }
      let ends = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let values = ends.map { end in
        names.firstIndex(of: end.uppercased()).map { $0 + firstName } ?? number(end)
      }
      guard values.allSatisfy({ $0.map(bounds.contains) ?? false }) else { return false }
      return values.count == 1 || (values[0] ?? 0) <= (values[1] ?? 0)
    }
  }

  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
  }
}
