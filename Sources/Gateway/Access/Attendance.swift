import Storage
import Tokens
import Workflow

/// Somebody's place at a document, while the connection lasts. Confined to the loop's thread.
final class Attendance {
  let name: DocumentName
  /// Nil where there never was a good one.
  let token: VerifiedToken?
  fileprivate(set) var mayEdit: Bool
  /// Why there is no access, and until when the connection stays open all the same.
  fileprivate(set) var loss: (refusal: AccessRefusal, closesAt: Milliseconds)?
  /// Whether the client heeds why it is closed, and so is closed at once where it has no access.
  fileprivate let heedsCloses: Bool
  fileprivate unowned let attendant: any Attendant

  init(
    _ attendant: any Attendant, at name: DocumentName, _ token: VerifiedToken?, mayEdit: Bool, heedsCloses: Bool = false
  ) {
    self.attendant = attendant
    self.name = name
    self.token = token
    self.mayEdit = mayEdit
    self.heedsCloses = heedsCloses
  }
}

/// Who has such a place, in the protocol that they speak.
protocol Attendant: AnyObject {
  /// From now on the client may write in the document, or may not.
  func changeAccess(mayEdit: Bool)
  /// The client may not even read it, any more or at all: it gets nothing more, and is told why.
  func loseAccess(_ reason: String)
  /// It has had the time to read that.
  func close(_ code: WebSocketCloseCode, reason: String)
}

/// All places that somebody has by a token. Looks again and again whether they may keep them.
final class Attendances {
  private let door: Doorkeeper
  private let loop: EventLoop
  private var all: [ObjectIdentifier: Attendance] = [:]
  private var isLooking = false
  private var hasToLookAgain = false

  init(_ door: Doorkeeper, _ loop: EventLoop) {
    self.door = door
    self.loop = loop
  }

  func add(_ attendance: Attendance) {
    all[ObjectIdentifier(attendance)] = attendance
  }

  /// Somebody who has no access from the start.
  func add(_ attendance: Attendance, refused refusal: AccessRefusal) {
    add(attendance)
    lose(attendance, refusal)
  }

  /// The connection is gone.
  func remove(_ attendance: Attendance) {
    all[ObjectIdentifier(attendance)] = nil
  }

  private func lose(_ attendance: Attendance, _ refusal: AccessRefusal) {
    guard attendance.loss == nil, let grace = door.authentication?.grace else { return }
    guard !attendance.heedsCloses else { return close(attendance, refusal) }
    attendance.loss = (refusal, loop.now + Milliseconds(grace.wholeMilliseconds))
    attendance.attendant.loseAccess(refusal.reason)
  }

  // MARK: Time

  /// Tokens expire, and connections without access are closed. O(connections), once a second.
  func tick() {
    let (now, skew) = (TimeOfDay.now, door.authentication?.verifier.clockSkew ?? 0)
    for attendance in Array(all.values) {
      if let loss = attendance.loss {
        if loop.now >= loss.closesAt { close(attendance, loss.refusal) }
      } else if let token = attendance.token, now >= token.connectionsUntil + skew {
        lose(attendance, .token(.expired))
      }
    }
  }

  private func close(_ attendance: Attendance, _ refusal: AccessRefusal) {
    remove(attendance)
    attendance.attendant.close(refusal.closeCode, reason: refusal.reason)
  }

  // MARK: Changes

  /// It may have changed who may do what.
  func look() {
    guard !isLooking else { return hasToLookAgain = true }
    let places = all.values.filter { $0.loss == nil }
    let tokens = places.compactMap { place in
      place.token.map { ($0, AccessQuestion.Target.workflow(place.name.workflowID)) }
    }
    guard !places.isEmpty, tokens.count == places.count else { return }
    isLooking = true
    let waiting = Confined(places)
    door.look(tokens) { [self] permits in
      isLooking = false
      for (place, permit) in zip(waiting.value, permits ?? []) { apply(permit, to: place) }
      if hasToLookAgain {
        hasToLookAgain = false
        look()
      }
    }
  }

  private func apply(_ permit: Permit, to place: Attendance) {
    guard all[ObjectIdentifier(place)] === place, place.loss == nil else { return }
    switch permit {
    case .unchecked: break
    case .refused(let refusal): lose(place, refusal)
    case .granted(_, _, let mayEdit):
      guard mayEdit != place.mayEdit else { return }
      place.mayEdit = mayEdit
      place.attendant.changeAccess(mayEdit: mayEdit)
    }
  }
}
