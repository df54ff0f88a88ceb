/// What one undo or redo takes back: everything that was captured together.
public final class UndoStep {
  /// What was written.
  public internal(set) var insertions = IdSet()
  /// What was deleted.
  public internal(set) var deletions = IdSet()
  /// Anything the program wants to have back together with the step, such as where the cursors were.
  public var meta: [String: Any] = [:]
  /// The clients with deletions in the order in which these were made, in which they are taken back.
  private(set) var deletionOrder: [ClientID] = []

  init() {}

  func noteDeletion(_ client: ClientID, _ clocks: Range<UInt64>) {
    if deletions.ranges(of: client).isEmpty { deletionOrder.append(client) }
    deletions.insert(client, clocks)
  }
}

/// What happened to the stacks of a `YUndoManager`.
public struct UndoEvent {
  /// What happened.
  public enum Change: Hashable, Sendable {
    /// The step was put on its stack.
    case added
    /// More was captured into the topmost step.
    case updated
    /// The step was taken from its stack and undone or redone.
    case popped
    /// The stack was emptied.
    case cleared
  }

  /// The stack that changed.
  public enum Stack: Hashable, Sendable {
    /// What can be undone.
    case undo
    /// What can be redone.
    case redo
  }

  /// What happened.
  public let change: Change
  /// To which stack.
  public let stack: Stack
  /// The step; nil if the stack was emptied.
  public let step: UndoStep?
  /// Who or what caused the transaction.
  public let origin: Origin?
}

/// Something that was written and is about to be deleted, because writing it is undone.
public struct UndoneInsertion {
  /// The type it is in.
  public let parent: YElement
  /// Its key, if it is in a map or is an attribute.
  public let key: String?
  /// What it shows; nothing for format markers.
  public let elements: [YElement]
  /// The id of its first unit.
  public let id: ID
}
