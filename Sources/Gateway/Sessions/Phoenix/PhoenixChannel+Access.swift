import Rooms
import Workflow

/// What becomes of the membership when it changes what the client may do.
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
