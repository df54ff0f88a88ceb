/// A conflict as it is kept, with what became of it.
public struct ConflictRecord: Hashable, Codable, Sendable {
  /// Names a conflict of one workflow: the number of the reconciliation that recorded it, and its place there.
  public struct ID: Hashable, Codable, Sendable, Comparable {
    public var reconciliation: Int64
    /// From 1 on.
    public var place: Int

    public init(reconciliation: Int64, place: Int) {
      self.reconciliation = reconciliation
      self.place = place
    }

    public static func < (a: ID, b: ID) -> Bool {
      (a.reconciliation, a.place) < (b.reconciliation, b.place)
    }
  }

  public enum Status: String, Hashable, Codable, Sendable {
    /// Nobody has looked at it yet. What stands was decided by the policy.
    case open
    /// Somebody chose.
    case resolved
    /// Later edits left nothing to choose.
    case closed
    /// Nobody chose for as long as records are kept open.
    case expired
  }

  public var id: ID
  public var conflict: Conflict
  /// What recorded it. Where that was a `merge`, the live side is what the rows had before.
  public var recordedBy: ReconciliationRecord.Kind
  /// The revision of the rows that what came of it is in; 0 where it is not known.
  public var revision: Int64
  /// Who wrote the database's side.
  public var provenance: Provenance
  /// When it was recorded, in ISO 8601.
  public var recordedAt: String
  public var status: Status
  /// What was chosen, or why the conflict closed: `live`, `database`, `value`, or a reason.
  public var outcome: String?
  public var decidedBy: Actor?
  /// In ISO 8601.
  public var decidedAt: String?

  public init(
    id: ID, conflict: Conflict, provenance: Provenance, recordedAt: String, status: Status = .open,
    outcome: String? = nil, decidedBy: Actor? = nil, decidedAt: String? = nil,
    recordedBy: ReconciliationRecord.Kind = .reconcile, revision: Int64 = 0
  ) {
    self.id = id
    self.conflict = conflict
    self.provenance = provenance
    self.recordedAt = recordedAt
    self.status = status
    self.outcome = outcome
    self.decidedBy = decidedBy
    self.decidedAt = decidedAt
    self.recordedBy = recordedBy
    self.revision = revision
  }

  /// Whether a document that was merged with the rows of this revision can tell what became of it: what came of a merge of
  /// rows is in a document no sooner than they are.
  public func isKnown(at revision: Int64) -> Bool {
    recordedBy != .merge || self.revision <= revision || revision == Base.noRows
  }
}

extension ConflictRecord.ID: LosslessStringConvertible {
  /// For example `12-1`.
  public var description: String { "\(reconciliation)-\(place)" }

  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int64(parts[0]), let place = Int(parts[1]), number > 0, place > 0 else {
      return nil
    }
    self.init(reconciliation: number, place: place)
  }
}

/// A conflict that later edits left nothing to choose in.
public struct ConflictClosure: Hashable, Sendable {
  public var id: ConflictRecord.ID
  public var reason: String

  public init(id: ConflictRecord.ID, reason: String) {
    self.id = id
    self.reason = reason
  }
}

/// Whose side somebody chose in a conflict.
public enum ConflictChoice: Hashable, Codable, Sendable {
  case live
  case database
  /// Neither: this value, for a field or a text.
  case value(JSONValue)

  /// As records have it.
  public var name: String {
    switch self {
    case .live: "live"
    case .database: "database"
    case .value: "value"
    }
  }
}
