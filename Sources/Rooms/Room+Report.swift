public import Workflow
import YProtocol

/// How a room is, for those who run the server. Made without reading the document.
public struct RoomReport: Hashable, Sendable {
  public struct Member: Hashable, Sendable {
    public var id: MemberID
    /// What its client shows of itself.
    public var name: String?
    /// Who it is, where that is known.
    public var actor: Actor?
    public var isReadOnly: Bool
    /// Whether it reads too slowly, and gets what it missed later.
    public var isLagging: Bool
    /// Whether it has an earlier history of the document.
    public var isStranger: Bool
    /// Whether an edit that it brought is not committed yet.
    public var isWaiting: Bool
  }

  /// `new`, `loading`, `catching_up` (with changed rows), `serving` or `ended`.
  public var phase: String
  /// The first ones, by when they came.
  public var members: [Member]
  public var memberCount: Int
  /// Every entry of the log up to this one is in the document.
  public var sequence: Int64
  /// How many entries were heard of that are not in it: what other servers wrote, and for a moment what this one did.
  public var behind: Int64
  /// Updates that are not committed yet.
  public var pendingUpdates: Int
  public var pendingBytes: Int
  /// What members sent before it could be taken in.
  public var earlyBytes: Int
  public var lockVersion: Int?
  public var openConflicts: Int
}

/// What takes reading the whole document to find out.
public struct RoomContents: Hashable, Sendable {
  public var name: String?
  /// How large the document is as one update: what a new member is sent, and about what a checkpoint takes.
  public var updateBytes: Int
  /// Whether the document holds edits that the rows do not have.
  public var isDirty: Bool
}

extension Room {
  /// How the room is, with at most so many members one by one. O(members).
  public func report(maximumMembers: Int) -> RoomReport {
    RoomReport(
      phase: phaseName, members: members.keys.sorted().prefix(maximumMembers).compactMap(memberReport),
      memberCount: members.count, sequence: knownSequence,
      behind: max(knownSequence, highestSequence, hintedSequence) - knownSequence,
      pendingUpdates: pendingAppends.count - pendingAppendsStart, pendingBytes: pendingBytes,
      earlyBytes: members.values.reduce(0) { $0 + $1.earlyBytes }, lockVersion: base?.lockVersion,
      openConflicts: openConflicts.count)
  }

  private var phaseName: String {
    switch phase {
    case .new: "new"
    case .loading: "loading"
    case .catchingUp: "catching_up"
    case .serving: "serving"
    case .ended: "ended"
    }
  }

  private func memberReport(_ id: MemberID) -> RoomReport.Member? {
    members[id].map { member in
      RoomReport.Member(
        id: id, name: member.client.flatMap { awareness[$0] }.flatMap(Self.name(in:)), actor: member.actor,
        isReadOnly: member.isReadOnly, isLagging: member.lag != nil, isStranger: strangers[id] != nil,
        isWaiting: member.lastAppendIndex > committedAppendIndex)
    }
  }

  /// What there is to say of the document; nil before it is loaded. O(size of the document).
  public var contents: RoomContents? {
    guard isServing else { return nil }
    return RoomContents(
      name: doc.map("workflow")["name"]?.value?.string, updateBytes: doc.encodeStateAsUpdate().count, isDirty: isDirty)
  }

  /// Another one than before where `contents` may be.
  public struct Mark: Hashable, Sendable {
    let statistics: RoomStatistics
    let isServing: Bool
    let sequence: Int64
    let serverClock: UInt64
    let reconciliation: Int64
    let revision: Int64?
  }

  public var mark: Mark {
    Mark(
      statistics: statistics, isServing: isServing, sequence: knownSequence, serverClock: serverClock,
      reconciliation: lastReconciliation, revision: base?.revision)
  }
}
