import Rooms
import Storage
import Tokens
import Workflow
import YProtocol

/// One client's membership in one topic, from its join to its end.
final class PhoenixChannel {
  /// The event under which messages of the y-websocket protocol go both ways, each the payload of a binary frame.
  static let messageEvent = "yjs"
  /// The same from a client, for its step 1.
  static let syncEvent = "yjs_sync"
  /// What the names of our own events begin with.
  static let ownPrefix = "heddle:"

  let topic: String
  let joinRef: String?
  /// Kept as long as something is under way for this channel, also when the websocket is gone. It lets go of its channels then.
  let session: PhoenixSession
  private(set) var stage = Stage.joining
  private var attendance: Attendance?
  private var isReadOnly = false
  /// Edits that are to be answered once they are stored, in order, by how many there were before.
  private var unanswered: [(count: UInt64, message: PhoenixMessage)] = []
  private var received: UInt64 = 0
  private var savesUnderWay = 0
  /// What was saved while the client itself saves: it may turn out to be the same.
  private var heldNotices: [JSONValue] = []

  enum Stage {
    /// It is being found out whether the client may join.
    case joining
    case joined(Seat)
    case over
  }

  /// What the client has while it is in the topic.
  struct Seat {
    let host: RoomHost
    let member: MemberID
    let projectID: String
    /// Nil where nobody has to say who they are.
    let actor: Actor?

    var name: DocumentName { host.name }
  }

  init(_ session: PhoenixSession, _ message: PhoenixMessage) {
    self.session = session
    topic = message.topic
    joinRef = message.joinRef
  }

  var seat: Seat? { if case .joined(let seat) = stage { seat } else { nil } }

  // MARK: Coming and going

  func join(_ join: PhoenixJoin, _ message: PhoenixMessage) {
    do throws(PhoenixRefusal) {
      guard case .json(let payload) = message.payload else { throw PhoenixRefusal.unmatchedTopic }
      find(join, try PhoenixJoin.Parameters(payload), message)
    } catch {
      refuse(message, error)
    }
  }

  private func find(_ join: PhoenixJoin, _ parameters: PhoenixJoin.Parameters, _ message: PhoenixMessage) {
    let gateway = session.gateway
    let waiting = Confined(self)
    gateway.store.findWorkflow(
      join.name?.workflowID ?? "", version: join.name?.version, inProject: parameters.projectID
    ) { [loop = gateway.loop] result in
      loop.execute {
        let channel = waiting.value
        guard case .joining = channel.stage else { return }
        switch result {
        case .failure(let error): channel.refuse(message, PhoenixRefusal("\(error)"))
        case .success(let place): channel.admit(join, parameters, place, message)
        }
      }
    }
  }

  private func admit(
    _ join: PhoenixJoin, _ parameters: PhoenixJoin.Parameters, _ place: WorkflowPlace, _ message: PhoenixMessage
  ) {
    guard let token = session.token, place.hasProject else {
      return decide(join, parameters, place, .unchecked, message)
    }
    session.gateway.door.look(token, .project(parameters.projectID)) { [weak self] permit in
      self?.decide(join, parameters, place, permit, message)
    }
  }

  private func decide(
    _ join: PhoenixJoin, _ parameters: PhoenixJoin.Parameters, _ place: WorkflowPlace, _ permit: Permit,
    _ message: PhoenixMessage
  ) {
    guard case .joining = stage, let connection = session.connection else { return }
    do throws(PhoenixRefusal) {
      let name = try join.check(parameters, place, permit)
      if place.projectID == nil {
        make(name, parameters.projectID, permit, message)
      } else {
        sit(down: name, parameters.projectID, permit, message)
      }
    } catch {
      if case .refused(let refusal) = permit { session.gateway.door.note(refusal, connection.remoteAddress) }
      refuse(message, error)
    }
  }

  /// Makes the document of a workflow that was never saved.
  private func make(_ name: DocumentName, _ projectID: String, _ permit: Permit, _ message: PhoenixMessage) {
    let waiting = Confined(self)
    session.gateway.store.openNew(name.workflowID, in: projectID, by: permit.actor ?? .member) {
      [loop = session.gateway.loop] result in
      loop.execute {
        let channel = waiting.value
        guard case .joining = channel.stage else { return }
        switch result {
        case .success(.open), .success(.saved): channel.sit(down: name, projectID, permit, message)
        case .success(.taken): channel.refuse(message, .noWorkflow)
        case .success(.noProject): channel.refuse(message, .noProject)
        case .failure(let error): channel.refuse(message, PhoenixRefusal("\(error)"))
        }
      }
    }
  }

  private func refuse(_ message: PhoenixMessage, _ refusal: PhoenixRefusal) {
    stage = .over
    session.forget(self)
    session.reply(to: message, isOK: false, refusal.json)
  }

  private func sit(down name: DocumentName, _ projectID: String, _ permit: Permit, _ message: PhoenixMessage) {
    guard let connection = session.connection else { return }
    session.reply(to: message, isOK: true, [:])
    var mayEdit = true
    if case .granted(let token, _, let editing) = permit {
      mayEdit = editing
      let attendance = Attendance(self, at: name, token, mayEdit: editing)
      self.attendance = attendance
      session.gateway.attendances.add(attendance)
    }
    let (host, member) = (session.directory.host(name), session.directory.nextMember())
    stage = .joined(Seat(host: host, member: member, projectID: projectID, actor: permit.actor))
    isReadOnly = !mayEdit || name.version != nil
    session.gateway.topics.add(self)
    host.join(
      RoomHost.Seat(id: member, connection: connection, line: self, framing: .phoenix(topic: topic)),
      isReadOnly: isReadOnly, actor: permit.actor)
    // It lags since before it came.
    if connection.isLagging { tell(Room.Event.lagging) }
    tell { .message($0, .event("")) }
  }

  /// The client, or its connection, goes.
  func leave() {
    if let attendance { session.gateway.attendances.remove(attendance) }
    let seat = seat
    stage = .over
    if let seat {
      session.gateway.topics.remove(self)
      seat.host.leave(seat.member)
    }
  }

  /// Ends the membership and tells the client, which does not come back by itself after `close` and does after `error`.
  func end(_ event: String = PhoenixMessage.close) {
    leave()
    session.forget(self)
    session.push(PhoenixMessage.text(joinRef, joinRef, topic, event, [:]), .text)
  }

  // MARK: From the client

  func received(_ message: PhoenixMessage) {
    guard let seat else { return session.reply(to: message, isOK: false, PhoenixRefusal.unmatchedTopic.json) }
    switch (message.event, message.payload) {
    case (Self.messageEvent, .binary(let bytes)), (Self.syncEvent, .binary(let bytes)): received(bytes, message)
    case (_, .json(let payload)):
      if session.begin(message) { PhoenixRequests.carryOut(PhoenixRequest(message, payload, self, seat)) }
    case (_, .binary):
      session.reply(to: message, isOK: false, PhoenixRefusal("\(message.event) is not binary").json)
    }
  }

  /// What cannot be read is answered, and harms nobody.
  private func received(_ bytes: [UInt8], _ message: PhoenixMessage) {
    do {
      let content = try Message(decoding: bytes)
      switch content {
      case .syncStep2, .update: receivedEdit(content, message)
      case .syncStep1, .awareness, .queryAwareness:
        tell { .message($0, content) }
        session.reply(to: message, isOK: true, [:])
      // Acknowledgements and events go their own way here.
      case .syncStatus, .event, .permissionDenied, .unknown: session.reply(to: message, isOK: true, [:])
      }
    } catch {
      session.reply(to: message, isOK: false, PhoenixRefusal("\(error)").json)
    }
  }

  private func receivedEdit(_ content: Message, _ message: PhoenixMessage) {
    // The room takes nothing of a reader, and may want to know whose document he has.
    tell { .message($0, content) }
    guard !isReadOnly else {
      return session.reply(to: message, isOK: false, PhoenixRequest.response(to: readOnlyFailure))
    }
    guard message.ref != nil else { return }
    received += 1
    unanswered.append(
      (
        received,
        PhoenixMessage(
          joinRef: message.joinRef, ref: message.ref, topic: topic, event: message.event, payload: .json(.null))
      ))
    // Comes back when everything up to here is stored.
    tell { .message($0, .syncStatus(Self.payload(received))) }
  }

  /// Why a client may not write.
  private var readOnlyFailure: RequestFailure {
    seat?.name.version == nil
      ? .unauthorized : RequestFailure(422, "A saved version cannot be changed", type: "read_only_view")
  }

  private static func payload(_ count: UInt64) -> [UInt8] {
    withUnsafeBytes(of: count.littleEndian, Array.init)
  }

  func tell(_ event: (MemberID) -> Room.Event) {
    if let seat { seat.host.handle(event(seat.member)) }
  }

  // MARK: To the client

  /// Tells the client something that is no message of the document.
  func push(_ event: String, _ payload: JSONValue) {
    session.push(PhoenixMessage.text(joinRef, nil, topic, event, payload), .text)
  }
}

extension PhoenixChannel: MemberLine {
  func send(_ message: Message, to connection: Connection) {
    switch message {
    case .syncStatus(let payload): answer(through: payload)
    case .event(let text): notify(text)
    // A reader learns of each edit that it is not stored.
    case .permissionDenied(let reason):
      if !isReadOnly { push(Self.ownPrefix + "permission_denied", ["reason": .string(reason)]) }
    case .syncStep1, .syncStep2, .update, .awareness, .queryAwareness, .unknown:
      let frame = PhoenixFrame.push(
        joinRef: joinRef ?? "", topic: topic, event: Self.messageEvent, payload: message.encoded())
      connection.send(Frame(frame.encoded()))
    }
  }

  /// Answers all edits up to the one that is stored now: where the client lagged, one acknowledgement stands for those before.
  private func answer(through payload: [UInt8]) {
    let count = payload.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let stored = unanswered.prefix { $0.count <= count }
    unanswered.removeFirst(stored.count)
    for edit in stored { session.reply(to: edit.message, isOK: true, [:]) }
  }

  func dismissed(_ connection: Connection, _ reason: Room.CloseReason) {
    switch reason {
    case .notFound(let why), .rejected(let why):
      push(Self.ownPrefix + "dismissed", ["reason": .string(why)])
      end()
    case .tryAgainLater(let why):
      push(Self.ownPrefix + "dismissed", ["reason": .string(why)])
      end(PhoenixMessage.error)
    case .restarting: connection.close(.serviceRestart, reason: "the server restarts, please reconnect")
    }
  }
}

// MARK: Events

extension PhoenixChannel {
  /// Passes on an event of the room under our own name, and as `workflow_saved` where the rows are others now.
  private func notify(_ text: String) {
    guard let event = try? JSONValue(parsing: text), let type = event["type"]?.string else { return }
    if type == "saved" || type == "reconciled" {
      savesUnderWay > 0 ? heldNotices.append(event) : pushSaved(event)
    }
    push(Self.ownPrefix + type, event)
  }

  private func pushSaved(_ event: JSONValue) {
    push(
      "workflow_saved",
      ["latest_snapshot_lock_version": event["lock_version"] ?? .null, "workflow": event["workflow"] ?? .null])
  }

  /// The client saves: it is answered, and not told as well.
  func beginSave() {
    savesUnderWay += 1
  }

  /// `lockVersion` is the version that was saved, nil where none was.
  func endSave(_ lockVersion: Int?) {
    savesUnderWay -= 1
    guard savesUnderWay == 0 else { return }
    let notices = heldNotices
    heldNotices = []
    for notice in notices where notice["lock_version"]?.integer != lockVersion { pushSaved(notice) }
  }
}

extension PhoenixChannel: Attendant {
  func changeAccess(mayEdit: Bool) {
    guard let seat, seat.name.version == nil else { return }
    isReadOnly = !mayEdit
    seat.host.handle(.permit(seat.member, writing: mayEdit))
    PhoenixContext.read(for: self, seat) { [weak self] context in
      if let context { self?.push("session_context_updated", context) }
    }
  }

  func loseAccess(_ reason: String) {
    push(Self.ownPrefix + "access_lost", ["reason": .string(reason)])
    if let seat {
      session.gateway.topics.remove(self)
      seat.host.leave(seat.member)
    }
    stage = .over
  }

  /// With another token the client comes back by itself, to all its topics; else it is done with this one.
  func close(_ code: WebSocketCloseCode, reason: String) {
    if code == .unauthenticated { session.connection?.close(code, reason: reason) } else { end() }
  }
}
