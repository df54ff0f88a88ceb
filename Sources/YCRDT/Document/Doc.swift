/// A shared document: named root types that many replicas edit at once and that converge, compatible with Yjs 13.
///
/// Reading is possible at any time, writing only inside `transact`. A document belongs to one thread or executor at a
/// time; it is not `Sendable`.
public final class Doc {
  /// Limits that updates and local edits must keep.
  public var limits: DocLimits {
    get { store.limits }
    set { store.limits = newValue }
  }

  /// The id under which this replica writes. Two replicas must never write under the same id at once. When an update
  /// turns out to carry news under this very id, a new random one is taken, as Yjs does.
  public var clientID: ClientID

  /// What local edits do at a text index inside a surrogate pair. Refused unless set.
  public var surrogatePairs = SurrogatePairs.refuse

  // Run-time checks of exclusive access would cost a quarter of the time of a small update. They are not needed: the
  // store never calls out, and what calls handlers holds no access to a property meanwhile.
  @exclusivity(unchecked) var store: Store
  /// Nesting of `transact`; 0 outside.
  @exclusivity(unchecked) private var depth = 0
  @exclusivity(unchecked) private var origin: Origin?
  @exclusivity(unchecked) private var isLocal = true
  /// The bytes of the update if the transaction under way consists of applying one.
  @exclusivity(unchecked) private var appliedUpdate: (bytes: [UInt8], format: UpdateFormat)?
  @exclusivity(unchecked) private var updateObservers = ObserverList<UpdateEvent>()
  @exclusivity(unchecked) var typeObservers = TypeObservers()
  @exclusivity(unchecked) private var transactionObservers = ObserverList<TransactionEvent>()
  @exclusivity(unchecked) var undoManagers = UndoManagers()
  @exclusivity(unchecked) var subdocumentTable = SubdocumentTable()
  /// What handlers caused while others were being called.
  @exclusivity(unchecked) private var undelivered: [Delivery] = []
  @exclusivity(unchecked) private var isDelivering = false

  private struct Delivery {
    var changes: [YEvent]
    var transaction: TransactionEvent?
    var subdocuments: SubdocumentEvent?
    var update: UpdateEvent?
  }

  /// An empty document that writes as `clientID`, a random 32 bit number if nil. With `collectsGarbage` off, deleted
  /// content is kept for good.
  public init(clientID: ClientID? = nil, collectsGarbage: Bool = true, limits: DocLimits = DocLimits()) {
    self.clientID = clientID ?? Self.randomClientID()
    store = Store(collectsGarbage: collectsGarbage, limits: limits)
  }

  private init(forking other: Doc, clientID: ClientID) {
    self.clientID = clientID
    surrogatePairs = other.surrogatePairs
    store = Store(copying: other.store)
    guard !store.transaction.isEmpty else { return }
    store.finishTransaction()
    store.endTransaction()
  }

  private static func randomClientID() -> ClientID {
    ClientID.random(in: 1...UInt64(UInt32.max))
  }

  /// An independent copy with the same state, pending updates included, that writes as `clientID`. Observers stay
  /// behind. It copies a few blocks of memory. Inside a transaction the copy has what was written so far.
  public func fork(clientID: ClientID) -> Doc {
    Doc(forking: self, clientID: clientID)
  }

  /// Gives back the memory in which updates are taken apart, of a document that is read for now and not changed. The next update
  /// takes what it needs.
  public func releaseBuffers() { store.releaseBuffers() }

  // MARK: - Roots

  /// The root map of a name. Roots always exist; the first who asks decides what kind of type a root is shown as.
  public func map(_ name: String) -> YMap { YMap(doc: self, type: root(name, .map)) }
  /// The root array of a name.
  public func array(_ name: String) -> YArray { YArray(doc: self, type: root(name, .array)) }
  /// The root text of a name.
  public func text(_ name: String) -> YText { YText(doc: self, type: root(name, .text)) }
  /// The root XML fragment of a name.
  public func xmlFragment(_ name: String) -> YXmlFragment {
    YXmlFragment(doc: self, type: root(name, .xmlFragment))
  }
  /// The root XML element of a name. It has no element name; Yjs shows it as `undefined`.
  public func xmlElement(_ name: String) -> YXmlElement { YXmlElement(doc: self, type: root(name, .xmlElement)) }
  /// The root XML text of a name.
  public func xmlText(_ name: String) -> YXmlText { YXmlText(doc: self, type: root(name, .xmlText)) }

  func root(_ name: String, _ kind: TypeKind) -> TypeIndex {
    let type = store.root(store.keys.intern(name))
    if store.types[type].kind == .untyped { store.types[type].kind = kind }
    return type
  }

  /// The names of all root types that were mentioned so far, in order of appearance.
  public var rootNames: [String] {
    var names: [String] = []
    for type in 0..<UInt32(store.types.count) where store.types[type].isRoot {
      names.append(store.keys.string(store.types[type].name))
    }
    return names
  }

  // MARK: - Transactions

  /// Runs `body`, in which the document's types can be written, as one transaction: one event, one update.
  ///
  /// Calls inside a transaction join it, and its origin counts. If `body` throws, what it wrote so far stays and is
  /// announced.
  @discardableResult
  public func transact<R, E: Error>(origin: Origin? = nil, _ body: () throws(E) -> R) throws(E) -> R {
    begin(origin: origin, isLocal: true)
    defer { _ = end() }
    return try body()
  }

  private func begin(origin: Origin?, isLocal: Bool) {
    if depth == 0 {
      self.origin = origin
      self.isLocal = isLocal
      store.transaction.recordsChanges = !typeObservers.isEmpty || !undoManagers.isEmpty
    }
    depth += 1
  }

  /// Ends the outermost transaction: events are made, garbage is collected, observers are called.
  private func end() -> UpdateEvent? {
    guard depth == 1 else {
      depth -= 1
      return nil
    }
    if !undoManagers.isEmpty { captureForUndo(origin: origin, isLocal: isLocal) }
    depth = 0
    guard !store.transaction.isEmpty else {
      store.endTransaction()
      appliedUpdate = nil
      return nil
    }
    let changes = typeObservers.isEmpty ? [] : collectEvents(origin: origin, isLocal: isLocal)
    let subdocuments = subdocumentTable.isTracked ? collectSubdocumentEvent() : nil
    store.finishTransaction()
    let event = makeEvent()
    let transaction =
      transactionObservers.isEmpty || !store.hasNews() ? nil : transactionEvent(origin: origin, isLocal: isLocal)
    if !isLocal { renewClientIDIfTaken() }
    store.endTransaction()
    appliedUpdate = nil
    deliver(Delivery(changes: changes, transaction: transaction, subdocuments: subdocuments, update: event))
    if !undoManagers.isEmpty, !isDelivering { undoManagers.all.forEach { $0.deliver() } }
    return event
  }

  private func makeEvent() -> UpdateEvent? {
    guard store.hasNews() else { return nil }
    if let appliedUpdate, store.isUpdateVerbatim() {
      return UpdateEvent(appliedUpdate.bytes, appliedUpdate.format, origin: origin, isLocal: isLocal)
    }
    guard !updateObservers.isEmpty || !isLocal else { return nil }
    return UpdateEvent(store.encodedTransaction(), .v1, origin: origin, isLocal: isLocal)
  }

  private func renewClientIDIfTaken() {
    if store.hasNews(of: clientID) { clientID = Self.randomClientID() }
  }

  private func deliver(_ delivery: Delivery) {
    guard
      !updateObservers.isEmpty || !delivery.changes.isEmpty || delivery.transaction != nil
        || delivery.subdocuments != nil
    else { return }
    guard !isDelivering else { return undelivered.append(delivery) }
    isDelivering = true
    defer { isDelivering = false }
    callObservers(delivery)
    while !undelivered.isEmpty { callObservers(undelivered.removeFirst()) }
  }

  private func callObservers(_ delivery: Delivery) {
    // A handler may cancel its own subscription and those of others.
    if !delivery.changes.isEmpty {
      for number in typeObservers.numbers { typeObservers.observer(number)?.deliver(delivery.changes, in: self) }
    }
    if let transaction = delivery.transaction {
      for number in transactionObservers.numbers { transactionObservers.handler(number)?(transaction) }
    }
    if let update = delivery.update {
      if let only = updateObservers.only {
        only(update)
      } else {
        for number in updateObservers.numbers { updateObservers.handler(number)?(update) }
      }
    }
    if let subdocuments = delivery.subdocuments { announce(subdocuments) }
  }

  /// Calls `handler` after every transaction that changed something, once it is complete and before its update is
  /// announced.
  public func observeTransactions(_ handler: @escaping (TransactionEvent) -> Void) -> Subscription {
    let number = transactionObservers.add(handler)
    return Subscription { [weak self] in self?.transactionObservers.remove(number) }
  }

  /// Calls `handler` after every transaction that changed something, once it is complete. A handler may write; what
  /// it writes is delivered after the present event.
  public func observeUpdates(_ handler: @escaping (UpdateEvent) -> Void) -> Subscription {
    let number = updateObservers.add(handler)
    return Subscription { [weak self] in self?.updateObservers.remove(number) }
  }

  // MARK: - Updates

  /// Applies an update V1, made anywhere, in any order, any number of times. What depends on something missing waits.
  ///
  /// The update is decoded and validated whole first: if it is invalid or beyond a limit, an error is thrown and
  /// nothing has changed. Returns what changed; nil if nothing did, and inside a transaction, whose event follows at
  /// its end.
  @discardableResult
  public func apply(_ update: [UInt8], origin: Origin? = nil) throws(UpdateError) -> UpdateEvent? {
    try apply(update, .v1, origin)
  }

  func apply(_ update: [UInt8], _ format: UpdateFormat, _ origin: Origin?) throws(UpdateError) -> UpdateEvent? {
    // The event may be the update itself.
    appliedUpdate = depth == 0 ? (update, format) : nil
    begin(origin: origin, isLocal: false)
    let result = update.withUnsafeBufferPointer { bytes -> UpdateError? in
      do throws(UpdateError) {
        if format == .v1 { try store.apply(bytes) } else { try store.apply(v2: bytes) }
        return nil
      } catch {
        return error
      }
    }
    let event = end()
    if let result { throw result }
    return event
  }

  /// Everything a replica with the given state lacks, as an update V1: the structs it has not seen and the whole
  /// delete set. What is pending is not included unless asked for.
  public func encodeStateAsUpdate(since known: StateVector = StateVector(), includingPending: Bool = false) -> [UInt8] {
    store.encodedState(since: known, includingPending: includingPending)
  }

  /// How far the document knows each client. What is pending does not count.
  public var stateVector: StateVector { store.stateVector }

  /// The ids of everything that was deleted.
  public var deleteSet: IdSet { store.deleteSet }

  /// Whether something waits for updates that have not arrived.
  public var hasPending: Bool { !store.pending.isEmpty }

  /// About how many bytes the pending updates occupy.
  public var pendingBytes: Int { store.pending.cost }

  // MARK: - For the types

  var isInTransaction: Bool { depth > 0 }

  /// The transaction is more than the one update that was applied.
  func forgetAppliedUpdate() { appliedUpdate = nil }

  func observe(_ target: TypeObservers.Target, _ handler: @escaping ([YEvent]) -> Void) -> Subscription {
    let number = typeObservers.add(target, handler)
    return Subscription { [weak self] in self?.typeObservers.remove(number) }
  }
}
