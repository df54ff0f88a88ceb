/// What an examination found about one thing.
public struct Finding: Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, Hashable, Sendable, Comparable {
    case ok
    /// It works, but not as well as it should, or not for long.
    case warning
    /// Something does not work, or what was acknowledged is in danger.
    case failure

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
      switch self {
      case .ok: 0
      case .warning: 1
      case .failure: 2
      }
    }
  }

  /// What was looked at: `settings`, `clock`, …
  public var check: String
  public var severity: Severity
  public var text: String
  /// What to do about it; nil where nothing is to do.
  public var advice: String?

  /// What the room on the disk of the data is called.
  public static let disk = "disk"

  public init(_ check: String, _ severity: Severity, _ text: String, advice: String? = nil) {
    (self.check, self.severity, self.text, self.advice) = (check, severity, text, advice)
  }
}
