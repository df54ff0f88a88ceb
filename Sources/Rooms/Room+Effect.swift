public import Reconciliation
public import Workflow
public import YProtocol

extension Room {
  /// What a room wants done. The shell does it, in this order, and never answers from within.
  public enum Effect: Hashable, Sendable {
    // To members. What goes to one that lags may be dropped: it gets all of it when it has caught up.
    case send(MemberID, Message)
    /// To every member.
    case broadcast(Message, except: MemberID?)
    case close(MemberID, CloseReason)
    /// From here on nothing that goes to every member goes to this one.
    case setAside(MemberID)
    case reply(RequestID, Reply)

    // To the store; the answer is an event. At most one of `readLog`, `readRows` and `commit` is under way at a time.
    case load
    /// Stores an update, and who made it. Indexes count up from 1 in the order of the appends.
    case append([UInt8], index: Int, by: Actor = .member)
    case readLog(after: Int64)
    case readRows
    case commit(ServerCommit)
    /// Stores a state that covers the log up to the sequence number. Nobody waits for it.
    case checkpoint([UInt8], through: Int64)
    /// Notes that conflicts have nothing to choose any more. Nobody waits for it.
    case closeConflicts([ConflictClosure])
    /// Keeps what a member of another history brought. One at a time for each member.
    case keepBranch(MemberID, BranchDraft)

    // To other servers. All of it may be lost.
    /// Members show something that others do not know: `mayShow` is wanted when there is time.
    case wantsToShow
    /// What members show, as an awareness update.
    case show([UInt8])
    /// What do members of others show?
    case askWhoIsThere

    /// Nothing is left to do; the room can be forgotten.
    case unload
    /// The room ended before it came to the request, which is to be put to the next room of the document. Once is enough.
    case askAgain(RequestID, Request)
  }

  /// Why a member has to go.
  public enum CloseReason: Hashable, Sendable {
    /// There is no such document, and coming back does not help.
    case notFound(String)
    /// It sent something that cannot be part of the document.
    case rejected(String)
    /// Not now: the store is away or too much waits for it.
    case tryAgainLater(String)
    /// Its project has too much open for this document; later it may not.
    case crowded(String)
    /// The server restarts.
    case restarting
  }

  /// The answer to a request.
  public enum Reply: Hashable, Sendable {
    case live(LiveWorkflow)
    case opened
    /// Saved, or nothing was to be saved. The rows as they are now.
    case saved(WorkflowRows)
    case reset(WorkflowRows)
    case conflicts([StandingConflict])
    /// Resolved; the conflicts that still are open.
    case resolved([StandingConflict])
    /// A branch was merged: what that changed, and the conflicts that are open.
    case recovered(changes: [ContentChange], [StandingConflict])
    /// A patch was merged: what that changed, and the conflicts that it made.
    case patched(changes: [ContentChange], [StandingConflict])
    /// The patch does not fit.
    case unpatchable(PatchError)
    /// The choice cannot be carried out; says why.
    case unresolvable(String)
    case invalid(ValidationErrors)
    /// Who asked for it may not, or not any more.
    case forbidden
    /// The workflow may not become active, for the reason given.
    case limited(String)
    /// Its project has too many documents open for this one; says how many there may be.
    case crowded(String)
    /// The workflow was deleted.
    case deleted
    /// The workflow was never saved: there is nothing to go back to.
    case neverSaved
    case notFound(String)
    case readOnly
    /// The document cannot be read as a workflow; says why.
    case unreadable(String)
    /// Others were faster each time.
    case contended
    /// The store refuses what is needed for it; says why.
    case failed(String)
    case unavailable
    /// The server restarts.
    case restarting
  }
}

/// The live document in plain form.
public struct LiveWorkflow: Hashable, Sendable {
  public var content: WorkflowContent
  /// Of the rows that the document was last merged with.
  public var lockVersion: Int
  public var deletedAt: String?
  /// Whether it holds edits that the rows do not have.
  public var isDirty: Bool
  /// Which state it is; nil while it is none that is stored.
  public var version: DocumentVersion?

  public init(
    content: WorkflowContent, lockVersion: Int, deletedAt: String?, isDirty: Bool, version: DocumentVersion? = nil
  ) {
    self.content = content
    self.lockVersion = lockVersion
    self.deletedAt = deletedAt
    self.isDirty = isDirty
    self.version = version
  }
}

/// An open conflict, with the side that the document shows now.
public struct StandingConflict: Hashable, Sendable {
  public var record: ConflictRecord
  public var standing: Standing

  public init(record: ConflictRecord, standing: Standing) {
    self.record = record
    self.standing = standing
  }

  /// The record with `standing`.
  public var json: JSONValue {
    var members = record.json.object ?? [:]
    members["standing"] = .string(standing.rawValue)
    return .object(members)
  }
}
