public import Reconciliation
public import Workflow
public import YProtocol

/// Names a member of a room for as long as the process lives.
public typealias MemberID = UInt64

/// Names a request to a room, so that its answer finds the way back.
public typealias RequestID = UInt64

extension Room {
  /// What can happen to a room.
  public enum Event: Codable, Sendable {
    // Members.
    /// Somebody comes, who is known where `actor` is there.
    case join(MemberID, isReadOnly: Bool, actor: Actor? = nil)
    /// From now on the member may write, or may not.
    case permit(MemberID, writing: Bool)
    case leave(MemberID)
    case message(MemberID, Message)
    /// The member's queue is full: it gets nothing more until it has caught up. All it was sent before is delivered.
    case lagging(MemberID)
    case caughtUp(MemberID)
    case request(RequestID, Request)

    // From outside.
    /// The rows may have changed: a hint, never needed for correctness.
    case rowsChanged
    /// The log is known to reach up to this sequence number: another node may have appended. A hint as well.
    case logGrew(to: Int64)
    /// Time passes. Comes about once a second.
    case tick
    /// The process is about to end: store everything, let everybody go.
    case drain

    /// The document may have been replaced by another one. A hint as well.
    case replaced
    /// Another database answers than before, which may lack what was stored last.
    case failedOver

    // Other servers, named by numbers that no member has. All of it are hints.
    /// Members of another server show this of themselves.
    case shownElsewhere([UInt8], by: MemberID)
    /// Another server asks what members here show.
    case askedWhoIsThere
    /// It is time to tell other servers what members show.
    case mayShow
    /// A server is gone, and its members with it.
    case nodeGone(MemberID)

    // Answers of the store. Each belongs to the effect of the same name.
    case loaded(StoredDocument)
    case versionLoaded(WorkflowRows)
    case loadFailed(LoadFailure)
    /// All appends up to the index are committed, the last of them under this sequence number.
    case appended(through: Int, sequence: Int64)
    /// An append will never be stored; says why.
    case appendRefused(String)
    case logRead(LogTail)
    case rowsRead(WorkflowRows?)
    case committed(CommitResult)
    case commitRefused(CommitRefusal)
    /// The store could not do it now; what it was is `readLog`, `readRows` or `commit`, whichever was asked for.
    case storeFailed
    /// The store refuses it, and will again soon; says why.
    case storeRefused(String)
    /// There is no such document in the store any more, or another one.
    case documentGone
    /// What became of what a member of another history brought.
    case branchKept(MemberID, BranchOutcome)
    /// The store could not keep it now.
    case branchNotKept(MemberID)
  }

  /// What others than members ask of a room.
  public enum Request: Hashable, Codable, Sendable {
    /// The live document.
    case read
    /// Writes the live document to the rows.
    case save(Actor)
    /// Takes the live document back to the rows.
    case reset(Actor)
    /// The open conflicts.
    case conflicts
    /// That the document is there, and merged with its rows.
    case open
    /// Writes what somebody chose in these conflicts to the document.
    case resolve([ConflictRecord], ConflictChoice, Actor)
    /// Merges what a branch holds into the document.
    case recover(BranchRecord, Actor)
    /// Merges a patch into the document.
    case patch(PatchSource, Actor)

    /// Whether it is answered from what is in memory.
    var isRead: Bool { self == .read || self == .conflicts || self == .open }
  }

  /// What is to be merged as a patch.
  public enum PatchSource: Hashable, Codable, Sendable {
    /// A patch of the document as it is when it is merged.
    case live(WorkflowPatch, PatchLimits)
    /// What was made of an earlier version of the same document, see `Lineage.incarnation`.
    case version(PatchedContent, of: Int64)
  }

  /// Why a document cannot be served.
  public enum LoadFailure: Hashable, Codable, Sendable {
    /// There is no such document; says what is missing.
    case notFound(String)
    /// The store does not answer; later it may.
    case unavailable
    /// What is stored cannot be read; says why.
    case damaged(String)
    /// There is no room for it here beside others of its project; says how many there may be.
    case crowded(String)
  }

  /// Why the store did not make a commit.
  public enum CommitRefusal: Hashable, Codable, Sendable {
    /// Somebody else was faster: another node, or a writer of the rows.
    case stale
    /// Somebody decided about the branch since it was read: who wants it merged has to look at it again.
    case branchDecided
    /// The database does not accept the values; by field.
    case invalid(ValidationErrors)
    /// Who asked for it may not, or not any more.
    case forbidden
    /// The workflow may not become active; says why.
    case limited(String)
  }
}
