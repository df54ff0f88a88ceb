import Rooms
import YProtocol

/// How a room reaches one member: what it says, in the words of the member's protocol. Confined to the loop's thread.
protocol MemberLine: AnyObject {
  /// Sends what is for this member.
  func send(_ message: Message, to connection: Connection)

  /// The document was sent, in a frame that others got as well.
  func stateSent()

  /// The room has done with the member.
  func dismissed(_ connection: Connection, _ reason: Room.CloseReason)
}

extension MemberLine {
  func stateSent() {}
}
