public import YCRDT

/// Who or what wrote something that a document shows, when, and in which version it is.
public struct Attribution: Hashable, Sendable {
  /// Nil where it is not known any more.
  public var provenance: Provenance?
  /// The number of the record of it, where the server itself wrote.
  public var number: Int64?
  /// The client id of the member.
  public var client: ClientID?
  /// When it was stored, in seconds since 1970, or, if `isBefore`, by when at the latest.
  public var time: Int64
  public var isBefore: Bool
  /// The first lock version that holds it; nil where it is in none yet.
  public var version: Int?

  /// The form in which clients get it.
  public var json: JSONValue {
    [
      "source": JSONValue(provenance?.source.rawValue), "actor": provenance?.actor.json ?? .null,
      "commit": JSONValue(provenance?.commit), "reconciliation": number.map { .number(Double($0)) } ?? .null,
      "client": client.map { .number(Double($0)) } ?? .null, "at": isBefore ? .null : .string(Self.text(time)),
      "before": isBefore ? .string(Self.text(time)) : .null, "version": JSONValue(version),
    ]
  }

  /// ISO 8601 in UTC. Days are counted in years that begin in March, so that leap days come last.
  static func text(_ seconds: Int64) -> String {
    let (day, second) = (floor(seconds, 86_400) + 719_468, seconds - floor(seconds, 86_400) * 86_400)
    let era = floor(day, 146_097)
    let ofEra = day - era * 146_097
    let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let fromMarch = (5 * ofYear + 2) / 153
    let date = ofYear - (153 * fromMarch + 2) / 5 + 1
    let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(date, 2))T\(time)Z"
  }

  private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
    value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
