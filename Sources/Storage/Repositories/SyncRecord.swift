public import Workflow

/// One sync, as the history has it.
public struct SyncRecord: Hashable, Sendable {
  public enum Outcome: String, Hashable, Sendable {
    /// Something was imported, or committed and pushed.
    case changed
    /// There was nothing to do but to note the commit.
    case unchanged
    case failed
  }

  /// Ascends with time.
  public var number: Int64
  public var request: SyncRequest
  public var commitFrom: String?
  public var commitTo: String?
  /// In ISO 8601.
  public var startedAt: String
  public var milliseconds: Int64
  public var outcome: Outcome
  public var errorKind: String?
  public var error: String?
  /// What became of each workflow: `[{"id", "name", "action", "changes", "conflicts"}]`.
  public var changes: JSONValue
}

/// What is written into the history when a sync ends.
public struct SyncEntry: Sendable {
  public var request: SyncRequest
  public var commitFrom: String?
  public var commitTo: String?
  /// How long it took until now.
  public var elapsed: Duration
  public var changes: [JSONValue] = []

  public init(_ request: SyncRequest, from: String?, to: String?, elapsed: Duration, changes: [JSONValue] = []) {
    self.request = request
    commitFrom = from
    commitTo = to
    self.elapsed = elapsed
    self.changes = changes
  }
}

/// Why a sync failed, as it is kept and shown.
public struct SyncFailureRecord: Hashable, Sendable {
  public var kind: String
  public var text: String
  /// After how long it is tried again; nil: when there is news.
  public var retryAfter: Duration?

  public init(kind: String, text: String, retryAfter: Duration?) {
    self.kind = kind
    self.text = text
    self.retryAfter = retryAfter
  }
}
