import Glibc

/// Writes times of day as HTTP does ("Sun, 06 Nov 1994 08:49:37 GMT"), and keeps the text for as long as its second.
struct HTTPDate {
  private var second: time_t?
  private var cached = ""

  mutating func text(at now: time_t) -> String {
    guard second != now else { return cached }
    var now = now
    var parts = tm()
    gmtime_r(&now, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let day = "\(days[Int(parts.tm_wday)]), \(twoDigits(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
    let time = "\(twoDigits(parts.tm_hour)):\(twoDigits(parts.tm_min)):\(twoDigits(parts.tm_sec))"
    cached = "\(day) \(Int(parts.tm_year) + 1900) \(time) GMT"
    second = now
    return cached
  }

  private func twoDigits(_ number: Int32) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
