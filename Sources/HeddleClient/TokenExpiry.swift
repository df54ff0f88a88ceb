#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import YCRDT

/// When a connection ends that is opened with a token, as far as the token says so.
enum TokenExpiry {
  /// How long before that end another token is asked for.
  private static let margin = Duration.seconds(30)
  /// It is not asked for more often, however short tokens last.
  private static let shortestWait = Duration.seconds(1)

  /// In seconds since 1970; nil for a token that is no JSON web token, or does not say.
  static func end(of token: String) -> Double? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let payload = decoded(parts[1]), let claims = YValue(jsonText: payload)?.object else {
      return nil
    }
    // A token for opening connections expires long before the connections that it opens.
    return claims["until"]?.double ?? claims["exp"]?.double
  }

  /// How long to wait before another token is asked for; nil where the token does not say when it ends, or that is over: the
  /// server says so itself.
  static func wait(for token: String, now: Double = Date().timeIntervalSince1970) -> Duration? {
    guard let end = end(of: token), end > now, end - now < 1e9 else { return nil }
    let rest = Duration.seconds(end - now)
    return max(rest - margin, rest / 2, shortestWait)
  }

  private static func decoded(_ text: Substring) -> String? {
    let plain = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
    let padding = String(repeating: "=", count: (4 - plain.count % 4) % 4)
    return Data(base64Encoded: String(plain) + padding).map { String(decoding: $0, as: UTF8.self) }
  }
}
