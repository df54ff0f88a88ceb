import Rooms
import Storage
import Workflow
import YProtocol

/// Hosts one room: feeds it events and does what it wants done. Confined to the loop's thread.
final class RoomHost {
  let name: DocumentName
  private(set) var room: Room
  private unowned let directory: RoomDirectory
  private var recorder: RoomRecorder?

  /// Where a member sits.
  struct Seat {
    let id: MemberID
    let connection: Connection
    let line: any MemberLine
    var framing = Framing.plain
  }

  /// Who is connected, for broadcasts.
  private var seats: [Seat] = []
  /// Who is connected and gets only what is for him alone.
  private var seatsAside: [Seat] = []
  /// The whole document, as it went out last.
  private let stateFrame = StateFrame()
  private var waiting: [Room.Event] = []
  private var isHandling = false
  /// What there was to say of the document when somebody last asked.
  private var lastContents: (mark: Room.Mark, contents: RoomContents?)?
  /// Up to where others were told of what is stored.
  private var toldSequence: Int64 = 0
  /// The reconcile that is going on and that no request asked for.
  private var reconcile: ReconcileTrace?

  init(name: DocumentName, directory: RoomDirectory) {
    self.name = name
    self.directory = directory
    room = Room(name: name, configuration: directory.configuration)
    recorder = directory.records.recorder(for: room)
  }

  /// Gives an event to the room and does what follows. What happens meanwhile waits its turn.
  func handle(_ event: Room.Event) {
    guard !isHandling else { return waiting.append(event) }
    isHandling = true
    defer { isHandling = false }
    handleNow(event)
    while !waiting.isEmpty {
      let events = waiting
      waiting.removeAll()
      for event in events { handleNow(event) }
    }
  }

  private func handleNow(_ event: Room.Event) {
    let (now, event) = (directory.now, admitted(event))
    if case .tick = event { stateFrame.forget() }
    var effects = directory.takeEffects()
    let storedSequence = room.handle(event, now: now, effects: &effects, recorder: &recorder)
    for effect in effects { perform(effect) }
    if let reconcile, endsReconcile(event, effects) {
      self.reconcile = nil
      reconcile.ended(name)
    }
    directory.giveBack(&effects)
    guard storedSequence != toldSequence else { return }
    toldSequence = storedSequence
    directory.onStored(name)
  }

  /// What was loaded, unless its project has too many documents open for one more. What the server itself does to a document is
  /// never turned away.
  private func admitted(_ event: Room.Event) -> Room.Event {
    let project: String?
    switch event {
    case .loaded(let document): project = document.projectID
    case .versionLoaded(let rows): project = rows.projectID
    default: return event
    }
    guard let project, let why = directory.place(self, in: project) else { return event }
    return .loadFailed(.crowded(why))
  }

  // MARK: Records

  /// What was recorded up to now; nil where nothing is.
  func record() -> KeptRecord? { recorder?.record(of: room, exportedAt: ISODate.now) }

  /// Hands over what was recorded, once the room has ended.
  func handOverRecord() { directory.records.keep(&recorder, of: room, now: directory.now) }

  // MARK: Members

  func join(_ seat: Seat, isReadOnly: Bool, actor: Actor? = nil) {
    seats.append(seat)
    if let why = directory.refusal(of: self) { return close(seat.id, .crowded(why)) }
    handle(.join(seat.id, isReadOnly: isReadOnly, actor: actor))
  }

  func leave(_ member: MemberID) {
    removeSeat(member)
    handle(.leave(member))
  }

  private func removeSeat(_ member: MemberID) {
    seatsAside.removeAll { $0.id == member }
    guard let index = seats.firstIndex(where: { $0.id == member }) else { return }
    seats.swapAt(index, seats.count - 1)
    seats.removeLast()
  }

  // MARK: Reports

  /// What there is to say of the document, which is read only where it may have changed.
  func contents() -> RoomContents? {
    let mark = room.mark
    if let last = lastContents, last.mark == mark { return last.contents }
    let contents = room.contents
    lastContents = (mark, contents)
    return contents
  }

  var hasLaggingMember: Bool { allSeats.contains { $0.connection.isLagging } }

  /// Bytes that wait to be sent to members. A connection of several documents counts for each.
  var queuedBytes: Int { allSeats.reduce(0) { $0 + $1.connection.queuedBytes } }

  func queuedBytes(for member: MemberID) -> Int { seat(of: member)?.connection.queuedBytes ?? 0 }

  private var allSeats: [Seat] { seats + seatsAside }

  // MARK: Effects

  private func perform(_ effect: Room.Effect) {
    switch effect {
    case .broadcast(let message, let sender): broadcast(message, except: sender)
    case .send(let member, let message): send(message, to: member)
    case .close(let member, let reason): close(member, reason)
    case .setAside(let member): setAside(member)
    case .reply(let request, let reply): directory.finish(request, reply)
    case .unload: directory.forget(self)
    case .askAgain(let id, let request): directory.askAgain(name, request, as: id)
    case .load: load()
    case .append(let update, let index, let author): append(update, index, author)
    case .readLog(let sequence):
      directory.store.readLog(
        name, after: sequence, reconciliation: room.lastReconciliation,
        answering("read the log") { $0.event(Room.Event.logRead) })
    case .readRows: readRows()
    case .commit(let commit):
      directory.store.commit(commit, answering("commit") { $0.commitEvent })
    case .checkpoint(let state, let sequence):
      directory.store.checkpoint(name, incarnation: room.lineage?.incarnation, state: state, through: sequence)
    case .closeConflicts(let closures): directory.store.closeConflicts(name, closures)
    case .keepBranch(let member, let draft): keepBranch(draft, of: member)
    case .wantsToShow: directory.wantsToShow(self)
    case .show(let update): directory.store.show(update, in: name.workflowID)
    case .askWhoIsThere: directory.store.askWhoIsThere(in: name.workflowID)
    }
  }

  private func send(_ message: Message, to member: MemberID) {
    guard let seat = seat(of: member) else { return }
    if case .syncStep2(let update) = message, update.count >= StateFrame.minimumBytes {
      stateFrame.send(update, in: seat.framing, to: seat.connection)
      seat.line.stateSent()
    } else {
      seat.line.send(message, to: seat.connection)
    }
  }

  /// Makes a frame for each framing, of which there is mostly one.
  private func broadcast(_ message: Message, except sender: MemberID?) {
    var others: [Framing] = []
    if seats.contains(where: { $0.framing == .plain }) {
      let frame = Framing.plain.frame(message)
      for seat in seats where seat.id != sender && seat.framing == .plain { seat.connection.send(frame) }
    }
    for seat in seats where seat.framing != .plain && !others.contains(seat.framing) { others.append(seat.framing) }
    for framing in others {
      let frame = framing.frame(message)
      for seat in seats where seat.id != sender && seat.framing == framing { seat.connection.send(frame) }
    }
  }

  private func seat(of member: MemberID) -> Seat? {
    seats.first { $0.id == member } ?? seatsAside.first { $0.id == member }
  }

  private func setAside(_ member: MemberID) {
    guard let seat = seat(of: member) else { return }
    removeSeat(member)
    seatsAside.append(seat)
  }

  private func close(_ member: MemberID, _ reason: Room.CloseReason) {
    guard let seat = seat(of: member) else { return }
    removeSeat(member)
    if case .rejected(let why) = reason {
      directory.logger.notice("a member sent what cannot be applied", metadata: ["reason": "\(why)"])
    }
    seat.line.dismissed(seat.connection, reason)
  }

  /// What the store cannot write yet it keeps and writes later. An update that it does not take at all is lost to the
  /// room, which then has to go.
  private func append(_ update: [UInt8], _ index: Int, _ author: Actor) {
    directory.store.append(name, incarnation: room.lineage?.incarnation, update, by: author) { [reply] result in
      switch result {
      case .success(let sequence): reply(.appended(through: index, sequence: sequence))
      case .failure(.unknownDocument): reply(.documentGone)
      case .failure(let error): reply(.appendRefused("\(error)"))
      }
    }
  }

  /// What follows from the rows is a trace of its own, where it is not a part of somebody's request.
  private func readRows() {
    if RequestContext.current == nil { reconcile = ReconcileTrace(directory.tracing) }
    RequestContext.$current.withValue(reconcile?.context ?? RequestContext.current) {
      directory.store.readRows(name.workflowID, answering("read the rows") { $0.event(Room.Event.rowsRead) })
    }
  }

  /// Whether this was the last of a reconcile: what the store answered, and nothing that follows from it is asked of the store.
  private func endsReconcile(_ event: Room.Event, _ effects: [Room.Effect]) -> Bool {
    switch event {
    case .rowsRead, .committed, .commitRefused, .storeFailed, .storeRefused, .documentGone:
      !effects.contains { effect in
        switch effect {
        case .readRows, .readLog, .commit: true
        default: false
        }
      }
    default: false
    }
  }

  private func keepBranch(_ draft: BranchDraft, of member: MemberID) {
    directory.store.keepBranch(draft) { [reply] result in
      switch result {
      case .success(let outcome): reply(.branchKept(member, outcome))
      case .failure(let error): reply(Self.branchEvent(member, error))
      }
    }
  }

  /// What will not work later either is told the member, which then does not wait for it.
  private static func branchEvent(_ member: MemberID, _ error: any Error) -> Room.Event {
    switch error as? StoreError {
    case .database(let error) where !error.isAboutValues: .branchNotKept(member)
    case .damaged, .database, nil: .branchKept(member, .refused("\(error)"))
    case .unavailable, .busy, .unknownDocument, .overloaded, .stopped: .branchNotKept(member)
    }
  }

  private func load() {
    guard let version = name.version else {
      return directory.store.open(name) { [reply, name] in
        reply($0.loadEvent(missing: "there is no \(name)", Room.Event.loaded))
      }
    }
    directory.store.readVersion(name.workflowID, version) { [reply, name] in
      reply($0.loadEvent(missing: "\(name) was never saved, or is not kept any more", Room.Event.versionLoaded))
    }
  }

  /// Carries an answer of the store back likewise. The room learns that it failed; why is for who reads the logs.
  private func answering<Value>(
    _ task: String, _ event: @escaping @Sendable (Result<Value, StoreError>) -> Room.Event
  ) -> Store.Completion<Value> {
    { [reply, name, logger = directory.logger] result in
      if case .failure(let error) = result {
        logger.warning(
          "the store could not \(task)", metadata: ["document": "\(name)", "error": "\(error)"])
      }
      reply(event(result))
    }
  }

  /// Carries an answer of the store back to the loop and to this room, if it is still there.
  private var reply: @Sendable (Room.Event) -> Void { directory.reply(to: self) }
}

extension Result where Failure == StoreError {
  fileprivate func event(_ make: (Success) -> Room.Event) -> Room.Event {
    switch self {
    case .success(let value): make(value)
    case .failure(let error): error.event
    }
  }

  fileprivate func loadEvent<Value>(
    missing: String, _ make: (Value) -> Room.Event
  ) -> Room.Event where Success == Value? {
    switch self {
    case .success(let value?): make(value)
    case .success(nil): .loadFailed(.notFound(missing))
    case .failure(.damaged(let what)): .loadFailed(.damaged(what))
    case .failure: .loadFailed(.unavailable)
    }
  }
}

extension Result where Success == CommitOutcome, Failure == StoreError {
  fileprivate var commitEvent: Room.Event {
    switch self {
    case .success(.committed(let result)): .committed(result)
    case .success(.stale(.branch)): .commitRefused(.branchDecided)
    case .success(.stale): .commitRefused(.stale)
    case .success(.invalid(let errors)): .commitRefused(.invalid(errors))
    case .success(.forbidden): .commitRefused(.forbidden)
    case .success(.limited(let why)): .commitRefused(.limited(why))
    case .failure(let error): error.event
    }
  }
}

extension StoreError {
  /// What a room makes of it that asked for the log, the rows or a commit.
  fileprivate var event: Room.Event {
    switch self {
    case _ where isTemporary: .storeFailed
    case .unknownDocument: .documentGone
    default: .storeRefused("\(self)")
    }
  }
}
