import Foundation
import TestSupport
import Testing

@testable import Workflow

/// Which schedules never fire.
@Suite struct CronFiringTests {
  @Test(arguments: [
    "0 0 31 2 *", "0 0 30 2 *", "0 0 30,31 FEB *", "5 4 31 4,6,9,11 *", "0 0 31 2-2 */2", "* * 31 2,4,6,9,11 */1",
    "0 0 30/1 2 *",
  ])
  func never(text: String) throws {
    #expect(try #require(CronExpression(text)).fires == false)
  }

  @Test(arguments: [
    "0 0 29 2 *", "0 0 29 2 */3", "0 0 31 2 MON", "0 0 31 2 0-6", "0 0 31 1-2 *", "0 0 */31 2 5", "0 0 * 2 1",
    "@yearly",
    "0 0 28/1 2 *",
  ])
  func sometimes(text: String) throws {
    #expect(try #require(CronExpression(text)).fires)
  }

  /// All dates of 28 years, in which each falls on every day of the week: day, month, day of the week.
  private static let dates: [(day: Int, month: Int, weekday: Int)] = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
    let start = DateComponents(calendar: calendar, year: 2001, month: 1, day: 1).date ?? Date()
    return (0..<(28 * 366)).map { day in
      let parts = calendar.dateComponents([.day, .month, .weekday], from: start + Double(day) * 86_400)
      return (parts.day ?? 0, parts.month ?? 0, (parts.weekday ?? 1) - 1)
    }
  }()

  /// What a field of plain numbers stands for, worked out value by value.
  private static func matches(_ field: String, _ value: Int, _ bounds: ClosedRange<Int>) -> Bool {
    field.split(separator: ",").contains { part in
      let pieces = part.split(separator: "/")
      let step = pieces.count > 1 ? Int(pieces[1]) ?? 1 : 1
      var (first, last) = (bounds.lowerBound, bounds.upperBound)
      if pieces[0] != "*" {
        let ends = pieces[0].split(separator: "-").compactMap { Int($0) }
        first = ends[0]
        last = ends.count > 1 ? ends[1] : pieces.count > 1 ? bounds.upperBound : first
      }
      return (first...last).contains(value) && (value - first) % step == 0
    }
  }

  private static func fires(_ days: String, _ months: String, _ weekdays: String) -> Bool {
    let isDay = (0...31).map { matches(days, $0, 1...31) }
    let isMonth = (0...12).map { matches(months, $0, 1...12) }
    let isWeekday = (0...7).map { matches(weekdays, $0, 0...7) || ($0 == 0 && matches(weekdays, 7, 0...7)) }
    let isEitherEnough = !days.hasPrefix("*") && !weekdays.hasPrefix("*")
    return dates.contains { date in
      let (day, weekday) = (isDay[date.day], isWeekday[date.weekday])
      return isMonth[date.month] && (isEitherEnough ? day || weekday : day && weekday)
    }
  }

  @Test func itIsAsACalendarSays() {
    var random = SeededGenerator(seed: 9)
    var never = 0
    func field(_ bounds: ClosedRange<Int>) -> String {
      let parts = (0..<Int.random(in: 1...2, using: &random)).map { _ -> String in
        let first = Int.random(in: bounds, using: &random)
        let last = Int.random(in: first...bounds.upperBound, using: &random)
        let body = ["*", "\(first)", "\(first)", "\(first)-\(last)"].randomElement(using: &random) ?? "*"
        return Bool.random(using: &random) ? body : "\(body)/\(Int.random(in: 1...9, using: &random))"
      }
      return parts.joined(separator: ",")
    }
    for _ in 0..<1000 {
      let isLate = Int.random(in: 0..<3, using: &random) > 0
      let days = isLate ? "\(Int.random(in: 28...31, using: &random))" : field(1...31)
      let months =
        isLate ? ["2", "2,4", "4,6", "11", field(1...12)].randomElement(using: &random) ?? "2" : field(1...12)
      let weekdays = Bool.random(using: &random) ? "*" : field(0...7)
      let text = "0 0 \(days) \(months) \(weekdays)"
      let expected = Self.fires(days, months, weekdays)
      never += expected ? 0 : 1
      #expect(CronExpression(text)?.fires == expected, "'\(text)' (seed 9)")
    }
    #expect(never > 50, "only \(never) of them never fire")
  }
}
