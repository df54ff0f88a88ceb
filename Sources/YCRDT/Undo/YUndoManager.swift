/// Takes back and repeats what this replica did to some types, whatever others do meanwhile.
///
/// It captures the transactions whose origin is tracked and that change a type in its scope. What others wrote stays:
/// undoing deletes what was captured as written, and writes anew what was captured as deleted. On the wire these are
/// ordinary edits. What the stacks hold is kept from being collected as garbage.
///
/// The document does not keep the manager alive. A manager belongs to the thread or executor of its document.
public final class YUndoManager {
  /// What is captured, and how.
  public struct Options {
    /// Transactions within this time of the last one are captured into one step. It takes a source of time: without
    /// `now` every transaction is a step of its own. Default: 500 ms.
    public var captureTimeout = Duration.milliseconds(500)
    /// The present time, of any clock. The engine reads none.
    public var now: (() -> Duration)?
    /// The origins whose transactions are captured; nil stands for local ones without an origin. Default: only these.
    public var trackedOrigins: Set<Origin?> = [nil]
    /// The origin under which this manager undoes and redoes.
    public var origin: Origin = "undo"
    /// Whether a transaction is captured, if its origin is. It must not write.
    public var captures: ((TransactionEvent) -> Bool)?
    /// Whether something that was written is deleted when that is undone; what is not stays for good.
    public var deletes: ((UndoneInsertion) -> Bool)?
    /// Whether undoing puts back values of map keys even over what others have set since.
    public var overridesRemoteMapChanges = false

    /// The defaults.
    public init() {}
  }

  /// The document.
  public let doc: Doc
  /// What is captured, and how.
  public var options: Options
  /// The types whose changes are captured, with everything inside; nil is the whole document.
  private(set) var scope: [TypeIndex]?
  /// What can be undone, latest last.
  public internal(set) var undoStack: [UndoStep] = []
  /// What can be redone, latest last.
  public internal(set) var redoStack: [UndoStep] = []

  /// What the transaction under way comes from, if it is one of this manager's.
  var running: UndoEvent.Stack?
  var lastCapture: Duration?
  /// What this manager's steps deleted of their own writing and cannot bring back any more.
  var abandoned = IdSet()
  var observers = ObserverList<UndoEvent>()
  var undelivered: [UndoEvent] = []
  private var number = 0

  /// Captures changes of the types, or of the whole document if none are given.
  public init(_ doc: Doc, scope: [any SharedType]? = nil, options: Options = Options()) throws(YError) {
    self.doc = doc
    self.options = options
    if let scope {
      self.scope = []
      for type in scope { try addToScope(type) }
    }
    number = doc.undoManagers.add(self)
  }

  deinit {
    doc.undoManagers.remove(number)
  }

  /// Captures changes of this type too.
  public func addToScope(_ type: any SharedType) throws(YError) {
    guard type.doc === doc, let handle = type as? any TypeHandle else { throw .otherDocument }
    if let scope, !scope.contains(handle.type) { self.scope = scope + [handle.type] }
  }

  /// Whether there is something to undo.
  public var canUndo: Bool { !undoStack.isEmpty }
  /// Whether there is something to redo.
  public var canRedo: Bool { !redoStack.isEmpty }

  /// Captures what comes next into a step of its own.
  public func stopCapturing() {
    lastCapture = nil
  }

  /// Takes back the latest step that still has an effect, and returns it; nil if there is none. Not possible inside a
  /// transaction.
  @discardableResult
  public func undo() throws(YError) -> UndoStep? {
    try pop(.undo)
  }

  /// Repeats what was undone last, and returns the step; nil if there is none. Not possible inside a transaction.
  @discardableResult
  public func redo() throws(YError) -> UndoStep? {
    try pop(.redo)
  }

  /// Forgets what could be undone and redone, or one of both.
  public func clear(_ stacks: Set<UndoEvent.Stack> = [.undo, .redo]) {
    empty(stacks)
    if !doc.isInTransaction { deliver() }
  }

  /// Calls `handler` with every change of the stacks, after the transaction that caused it. A step that was added is
  /// the time to note cursors in its `meta`, one that was popped the time to take them from there.
  public func observe(_ handler: @escaping (UndoEvent) -> Void) -> Subscription {
    let number = observers.add(handler)
    return Subscription { [weak self] in self?.observers.remove(number) }
  }

  func deliver() {
    while !undelivered.isEmpty {
      let event = undelivered.removeFirst()
      for number in observers.numbers { observers.handler(number)?(event) }
    }
  }
}

/// The managers of a document, which do not belong to it.
struct UndoManagers {
  private struct Reference {
    var number: Int
    weak var manager: YUndoManager?
  }

  private var references: [Reference] = []
  private var lastNumber = 0

  var isEmpty: Bool { references.isEmpty }
  var all: [YUndoManager] { references.compactMap(\.manager) }

  mutating func add(_ manager: YUndoManager) -> Int {
    lastNumber += 1
    references.append(Reference(number: lastNumber, manager: manager))
    return lastNumber
  }

  mutating func remove(_ number: Int) {
    references.removeAll { $0.number == number }
  }
}
