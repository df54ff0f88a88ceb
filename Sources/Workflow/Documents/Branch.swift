/// What a client of another history brought, on its way to be kept.
public struct BranchDraft: Hashable, Sendable {
  public var document: DocumentName
  /// The document that it is foreign to. See `Lineage.incarnation`.
  public var incarnation: Int64
  /// What it sent, in order: all that it has, or what is new since it was last kept.
  public var updates: [[UInt8]]
  /// The branch that holds what it sent before, if any of that was kept.
  public var branch: Int64?
  /// What the document shows now: who brings the same needs no branch.
  public var live: WorkflowContent?

  public init(
    document: DocumentName, incarnation: Int64, updates: [[UInt8]], branch: Int64? = nil, live: WorkflowContent? = nil
  ) {
    self.document = document
    self.incarnation = incarnation
    self.updates = updates
    self.branch = branch
    self.live = live
  }
}

/// What became of what a client of another history brought. In every case nothing of it is in the document.
public enum BranchOutcome: Hashable, Codable, Sendable {
  /// It has nothing that is not elsewhere.
  case redundant(Redundancy)
  /// It is stored as a branch, or with one that was there.
  case kept(BranchRecord, isNew: Bool)
  /// The document is another one by now: it has to be looked at again.
  case outdated
  /// It builds on what was not sent with it and is not kept.
  case incomplete
  /// It is not kept; says why.
  case refused(String)

  /// Why a client's content needs no branch.
  public enum Redundancy: String, Hashable, Codable, Sendable {
    /// It is what was saved, or what the history held when it ended.
    case unchanged
    /// It is what the document shows.
    case equal
    /// It was merged before, or somebody decided to let it go.
    case decided
  }
}

/// What clients of another history wrote, kept until somebody decides what becomes of it.
public struct BranchRecord: Hashable, Codable, Sendable {
  public enum Status: String, Hashable, Codable, Sendable, CaseIterable {
    case open, merged, discarded
    /// Nobody decided for as long as records are kept open.
    case expired
  }

  /// Counts those of one workflow from 1 on.
  public var number: Int64
  /// Counts its changes: while its clients are open, people go on writing in it.
  public var version: Int64
  /// What its clients show.
  public var content: WorkflowContent
  /// What they started from; nil where nobody knows.
  public var base: WorkflowContent?
  public var status: Status
  public var decidedBy: Actor?
  /// Times are in ISO 8601.
  public var decidedAt: String?
  public var recordedAt: String
  public var updatedAt: String

  public init(
    number: Int64, version: Int64 = 1, content: WorkflowContent, base: WorkflowContent?, status: Status = .open,
    decidedBy: Actor? = nil, decidedAt: String? = nil, recordedAt: String, updatedAt: String
  ) {
    self.number = number
    self.version = version
    self.content = content
    self.base = base
    self.status = status
    self.decidedBy = decidedBy
    self.decidedAt = decidedAt
    self.recordedAt = recordedAt
    self.updatedAt = updatedAt
  }

  /// The unsaved edits in it; nil where it is not known what is one.
  public var changes: [ContentChange]? { base?.changes(to: content) }

  /// The record without what it holds.
  public var summary: JSONValue {
    let changes = changes
    return [
      "id": .number(Double(number)), "version": .number(Double(version)), "status": .string(status.rawValue),
      "changes": changes.map { .array($0.prefix(ReconciliationRecord.listedChanges).map(\.summary)) } ?? .null,
      "change_count": JSONValue(changes?.count), "decided_by": decidedBy?.json ?? .null,
      "decided_at": JSONValue(decidedAt), "recorded_at": .string(recordedAt), "updated_at": .string(updatedAt),
    ]
  }

  /// The record with all of it.
  public var json: JSONValue {
    var members = summary.object ?? [:]
    members["content"] = content.json
    members["base"] = base?.json ?? .null
    members["changes"] =
      changes.map { changes in
        .array(
          changes.map { change in
            var members = change.summary.object ?? [:]
            members["before"] = change.before ?? .null
            members["after"] = change.after ?? .null
            return .object(members)
          })
      } ?? .null
    return .object(members)
  }
}
