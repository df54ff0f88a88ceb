import Rooms
import YProtocol

/// How the messages of a room go over a member's websocket. What is for everybody is one frame for all of the same framing.
enum Framing: Hashable {
  /// A frame is the message: the websocket has one document.
  case plain
  /// Hocuspocus: with the document's name as the client spells it.
  case hocuspocus(name: String)
  /// Phoenix channels: with the topic.
  case phoenix(topic: String)

  /// The frame in which everybody gets a message.
  func frame(_ message: Message) -> Frame {
    switch self {
    case .plain: Frame(message.encoded())
    case .hocuspocus(let name): Frame(HocuspocusFrame(name: name, .shared(message)).encoded())
    case .phoenix(let topic):
      Frame(
        PhoenixFrame.broadcast(topic: topic, event: PhoenixChannel.messageEvent, payload: message.encoded()).encoded())
    }
  }
}
