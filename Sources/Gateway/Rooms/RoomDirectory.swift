import Logging
import Rooms
import Storage
import Workflow

/// The rooms that are open on this loop, by name. Confined to the loop's thread.
final class RoomDirectory {
  let store: Store
  let configuration: RoomConfiguration
  private let loop: EventLoop
  let logger: Logger
  let records: RecordKeeper
  let tracing: TracingConfiguration
  private var hosts: [DocumentName: RoomHost] = [:]
  /// How many documents of one project may be open for somebody; 0 for any number.
  private let maximumPerProject: Int
  /// The documents that are open, by project.
  private var projects = OpenProjects()
  private var lastMember: MemberID = 0
  private var lastRequest: RequestID = 0
  private var requests: [RequestID: Asked] = [:]
  /// Is told of each document of which something was stored.
  var onStored: (DocumentName) -> Void = { _ in }
  private var onEmpty: (() -> Void)?
  private var isDraining = false
  /// The rooms that go on until it is their turn to end, and how many members are let go in a second.
  private var waitingToDrain: [RoomHost] = []
  private var drainRate = 0
  private let presence: PresenceBoard
  /// The rooms whose members show something that other servers do not know.
  private var waitingToShow: Set<DocumentName> = []
  private var hasAskedForTurn = false
  /// Where a room puts its effects, with the capacity that earlier ones took: most rooms have nothing to do most of the time.
  private var spareEffects: [Room.Effect] = []
  /// What rooms that are gone have done.
  private var past = RoomStatistics()

  /// What a room was asked.
  private struct Asked {
    let completion: (Room.Reply) -> Void
    /// Whether it was put to a second room, since the first one ended.
    var isRepeated = false
  }

  init(
    loop: EventLoop, store: Store, configuration: RoomConfiguration, records: RecordKeeper,
    maximumPerProject: Int, tracing: TracingConfiguration, logger: Logger
  ) {
    self.loop = loop
    self.store = store
    self.configuration = configuration
    self.records = records
    self.maximumPerProject = maximumPerProject
    self.tracing = tracing
    self.logger = logger
    presence = PresenceBoard(store: store, loop: loop)
  }

  var now: Rooms.Milliseconds { Rooms.Milliseconds(loop.now) }

  /// The room of a document, a new one if it is not open. Nothing is loaded before somebody asks for it.
  func host(_ name: DocumentName) -> RoomHost {
    if let host = hosts[name] { return host }
    let host = RoomHost(name: name, directory: self)
    hosts[name] = host
    if name.version == nil { store.follow(name.workflowID, true) }
    if isDraining { host.handle(.drain) }
    return host
  }

  /// Notes which project a document is of that is about to be open, or says why it may not be.
  func place(_ host: RoomHost, in project: String) -> String? {
    guard hosts[host.name] === host else { return nil }
    if host.room.isForSomebody, let why = refusal(of: host, in: project) { return why }
    projects.add(host.name, to: project)
    return nil
  }

  /// Why a document that the server has open for itself may not be opened for somebody as well; nil where it may.
  func refusal(of host: RoomHost) -> String? {
    guard !host.room.isForSomebody, let project = projects.project(of: host.name) else { return nil }
    return refusal(of: host, in: project)
  }

  /// Counted are documents that are open for somebody.
  private func refusal(of host: RoomHost, in project: String) -> String? {
    let others = projects.documents(of: project)
    guard maximumPerProject > 0, others.count >= maximumPerProject,
      others.count(where: { hosts[$0]?.room.isForSomebody == true }) >= maximumPerProject
    else { return nil }
    loop.refused(.projectDocuments, because: "\(host.name) of project \(project)")
    return "the project has \(maximumPerProject) documents open on this server, which is the limit; try again later"
  }

  func nextMember() -> MemberID {
    lastMember += 1
    return lastMember
  }

  /// An empty array, which is not this directory's until it is given back.
  func takeEffects() -> [Room.Effect] {
    var effects: [Room.Effect] = []
    swap(&effects, &spareEffects)
    return effects
  }

  func giveBack(_ effects: inout [Room.Effect]) {
    effects.removeAll(keepingCapacity: true)
    swap(&effects, &spareEffects)
  }

  // MARK: Requests

  /// Asks a room something; `completion` is called once, on the loop.
  func ask(_ name: DocumentName, _ request: Room.Request, completion: @escaping (Room.Reply) -> Void) {
    lastRequest += 1
    requests[lastRequest] = Asked(completion: Self.measured(name, completion))
    put(request, as: lastRequest, to: name)
  }

  /// Asks the next room what one did not come to before it ended; not for ever.
  func askAgain(_ name: DocumentName, _ request: Room.Request, as id: RequestID) {
    guard requests[id]?.isRepeated == false else { return finish(id, isDraining ? .restarting : .unavailable) }
    requests[id]?.isRepeated = true
    put(request, as: id, to: name)
  }

  private func put(_ request: Room.Request, as id: RequestID, to name: DocumentName) {
    let host = host(name)
    if let why = refusal(of: host) { return finish(id, .crowded(why)) }
    host.handle(.request(id, request))
  }

  /// What a room does for a request over HTTP is a part of that, also where it answers on somebody else's behalf.
  private static func measured(
    _ name: DocumentName, _ completion: @escaping (Room.Reply) -> Void
  ) -> (Room.Reply) -> Void {
    guard let context = RequestContext.current else { return completion }
    let start = Span.now
    return { reply in
      if context.trace.isSampled, let recorder = context.recorder {
        recorder.record(
          Span(
            trace: context.trace.child, parent: context.trace.spanID, name: "room", start: start, end: Span.now,
            attributes: ["document": "\(name)"]))
      }
      RequestContext.$current.withValue(context) { completion(reply) }
    }
  }

  func finish(_ request: RequestID, _ reply: Room.Reply) {
    requests.removeValue(forKey: request)?.completion(reply)
  }

  // MARK: From outside

  /// The rows of a workflow have moved on from its document, which is opened for the merge if it is not open.
  func rowsChanged(_ workflowID: String) {
    guard !isDraining else { return }
    host(DocumentName(workflowID: workflowID)).handle(.rowsChanged)
  }

  /// The document of a workflow was replaced by another one, or with nil any may have been.
  func documentReplaced(_ workflowID: String?) {
    if let workflowID {
      hosts[DocumentName(workflowID: workflowID)]?.handle(.replaced)
    } else {
      for host in Array(hosts.values) { host.handle(.replaced) }
    }
  }

  /// Another database answers than before: what is open here is stored there once more.
  func failedOver() {
    for host in Array(hosts.values) { host.handle(.failedOver) }
  }

  /// Another server says something.
  func heard(_ news: NodeNews) {
    switch news {
    case .grew(let documents):
      for document in documents { live(document.workflowID)?.handle(.logGrew(to: document.sequence)) }
    case .shown(let update, let id, let node): live(id)?.handle(.shownElsewhere(update, by: node))
    case .whoIsThere(let id): live(id)?.handle(.askedWhoIsThere)
    case .gone(let node): for host in Array(hosts.values) { host.handle(.nodeGone(node)) }
    }
  }

  private func live(_ workflowID: String) -> RoomHost? { hosts[DocumentName(workflowID: workflowID)] }

  /// A room is to be asked what its members show when there is time to tell others.
  func wantsToShow(_ host: RoomHost) {
    waitingToShow.insert(host.name)
    askForTurn()
  }

  private func askForTurn() {
    guard !hasAskedForTurn, !waitingToShow.isEmpty, store.hasNeighbours else { return }
    hasAskedForTurn = true
    let directory = Confined(self)
    store.requestTurn { [loop] in
      loop.execute { directory.value.takeTurn() }
    }
  }

  private func takeTurn() {
    hasAskedForTurn = false
    let names = waitingToShow
    waitingToShow = []
    for name in names { hosts[name]?.handle(.mayShow) }
  }

  func tick() {
    askForTurn()
    drainSome()
    for host in Array(hosts.values) { host.handle(.tick) }
    records.forgetOld(now: now)
    presence.update(hosts.values, now: now)
  }

  /// Carries an event to a room from any thread. A room that was unloaded meanwhile does not get it, nor does another
  /// one of the same name.
  func reply(to host: RoomHost) -> @Sendable (Room.Event) -> Void {
    let target = Confined(host)
    return { [loop] event in
      loop.execute { target.value.handle(event) }
    }
  }

  /// What was recorded of a document: of its open room, or of the last one. That of a fault comes before others.
  func record(of name: DocumentName) -> KeptRecord? {
    let ended = records.record(of: name)
    return ended?.header.fault == nil ? hosts[name]?.record() ?? ended : ended
  }

  /// An audit found that what is stored of a document does not fit together: what its room did lately is kept.
  func found(_ difference: DocumentDifference) {
    guard let host = hosts[DocumentName(workflowID: difference.workflowID)], var record = host.record() else { return }
    record.header.fault = "an audit found a difference, \(difference.kind.rawValue): \(difference.detail)"
    records.keep(record, now: now)
  }

  // MARK: Ends

  func forget(_ host: RoomHost) {
    guard hosts[host.name] === host else { return }
    hosts[host.name] = nil
    projects.remove(host.name)
    if host.name.version == nil { store.follow(host.name.workflowID, false) }
    host.handOverRecord()
    past += host.room.statistics
    finishDrainIfEmpty()
  }

  /// Has every room store what it holds and let its members go, and calls `completion` when the last one is done.
  ///
  /// Of many members only so many go in a second, in no order, so that those who take them in are not overrun. All are gone in half of
  /// the time that there is.
  func drain(
    closesPerSecond: Int, within timeout: Duration, completion: @escaping () -> Void
  ) {
    isDraining = true
    onEmpty = { [presence] in presence.close(completion) }
    waitingToDrain = hosts.values.shuffled()
    let seconds = max(1, Int(timeout / .seconds(2)))
    drainRate = closesPerSecond == 0 ? .max : max(closesPerSecond, memberCount / seconds + 1)
    drainSome()
    finishDrainIfEmpty()
  }

  private func drainSome() {
    var members = 0
    while members < drainRate, let host = waitingToDrain.popLast() {
      members += max(1, host.room.memberCount)
      host.handle(.drain)
    }
  }

  private func finishDrainIfEmpty() {
    guard isDraining, hosts.isEmpty, let completion = onEmpty else { return }
    onEmpty = nil
    completion()
  }

  // MARK: Figures

  /// What all rooms have done, open and gone ones.
  var statistics: RoomStatistics {
    hosts.values.reduce(into: past) { $0 += $1.room.statistics }
  }

  var all: some Collection<RoomHost> { hosts.values }
  var roomCount: Int { hosts.count }
  var memberCount: Int { hosts.values.reduce(0) { $0 + $1.room.memberCount } }
  var pendingBytes: Int { hosts.values.reduce(0) { $0 + $1.room.pendingUpdateBytes } }
}

/// Carries something that belongs to the loop's thread through other threads and back.
///
/// `@unchecked Sendable` is sound because nobody but the loop's thread looks inside; reference counts are atomic.
struct Confined<Value>: @unchecked Sendable {
  let value: Value

  init(_ value: Value) {
    self.value = value
  }
}
