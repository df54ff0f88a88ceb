import Glibc

/// Times of day in ISO 8601, in UTC ("2026-11-06T08:49:37Z").
enum ISODate {
  static var now: String { text(at: time(nil)) }

  static func text(at time: time_t) -> String {
    var (time, parts) = (time, tm())
    gmtime_r(&time, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
