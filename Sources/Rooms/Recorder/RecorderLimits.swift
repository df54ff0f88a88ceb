/// What the recorders of one thread's rooms may keep.
public struct RecorderLimits: Hashable, Sendable {
  /// How far back records go; 0 for no records.
  public var window: Milliseconds = 600_000
  /// Bytes that one room's record may take.
  public var maximumBytes = 1 << 20
  /// Bytes that all records together may take, those of rooms that are gone included.
  public var maximumTotalBytes = 64 << 20

  public init() {}

  /// Whether anything is recorded at all.
  public var isEnabled: Bool { window > 0 && maximumBytes > 0 && maximumTotalBytes > 0 }
}

/// Counts what all recorders of one thread keep, and gives each its share.
public final class RecordBudget {
  public let limits: RecorderLimits
  /// Bytes that are kept, about.
  public internal(set) var usedBytes = 0
  /// How many recorders there are.
  public internal(set) var recorders = 0

  public init(limits: RecorderLimits) {
    self.limits = limits
  }

  /// Counts what is kept elsewhere of what a recorder had, or with less than 0 is not kept any more.
  public func hold(_ bytes: Int) { usedBytes += bytes }

  /// What one recorder may keep now. With many rooms each keeps less.
  var share: Int { min(limits.maximumBytes, limits.maximumTotalBytes / max(1, recorders)) }
}
