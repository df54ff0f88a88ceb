import Rooms
import Storage
import Tokens
import Workflow

/// From a client's request to join to its seat in the room, or the reason why not.
extension PhoenixChannel {
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
    guard case .joining = stage, session.connection != nil else { return }
    do throws(PhoenixRefusal) {
      let name = try join.check(parameters, place, permit)
      if place.projectID == nil {
        make(name, parameters.projectID, permit, message)
      } else {
        sit(down: name, parameters.projectID, permit, message)
      }
    } catch {
      if case .refused(let refusal) = permit { session.gateway.door.note(refusal, session.peer) }
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
}
