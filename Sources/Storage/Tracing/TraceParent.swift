/// Where a piece of work belongs: a W3C trace context, as in `traceparent`.
public struct TraceParent: Hashable, Sendable, CustomStringConvertible {
  /// 32 and 16 hexadecimal digits in lower case, not all of them zeros.
  public let traceID: String
  public let spanID: String
  /// Whether somebody records it.
  public let isSampled: Bool

  /// The beginning of a trace.
  public init(isSampled: Bool) {
    (traceID, spanID) = (Self.random(digits: 32), Self.random(digits: 16))
    self.isSampled = isSampled
  }

  private init(traceID: String, spanID: String, isSampled: Bool) {
    (self.traceID, self.spanID, self.isSampled) = (traceID, spanID, isSampled)
  }

  /// Reads a header; nil where it is none that counts. What versions to come add at its end is passed over.
  public init?(_ header: String) {
    let parts = header.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, header.utf8.count <= 512,
      Self.isHexadecimal(parts[0], 2), parts[0] != "ff", parts[0] != "00" || parts.count == 4,
      Self.isHexadecimal(parts[1], 32), parts[1].contains(where: { $0 != "0" }),
      Self.isHexadecimal(parts[2], 16), parts[2].contains(where: { $0 != "0" }),
      Self.isHexadecimal(parts[3], 2), let flags = UInt8(parts[3], radix: 16)
    else { return nil }
    self.init(traceID: String(parts[1]), spanID: String(parts[2]), isSampled: flags & 1 == 1)
  }

  /// A piece of work within this one.
  public var child: TraceParent {
    TraceParent(traceID: traceID, spanID: Self.random(digits: 16), isSampled: isSampled)
  }

  public var description: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

  private static func isHexadecimal(_ text: Substring, _ count: Int) -> Bool {
    text.utf8.count == count && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  private static func random(digits: Int) -> String {
    var text = ""
    while text.allSatisfy({ $0 == "0" }) {
      text = (0..<digits / 16).map { _ in
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }.joined()
    }
    return text
  }
}
