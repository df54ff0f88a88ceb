import Workflow
import YProtocol

/// A message of Phoenix channels from a client: an array of JSON in a text frame, or a binary frame.
struct PhoenixMessage: Equatable {
  enum Payload: Equatable {
    case json(JSONValue)
    case binary([UInt8])
  }

  /// Names the client's membership in the topic, as long as it lasts.
  var joinRef: String?
  /// Names the message; the answer to it has the same.
  var ref: String?
  var topic: String
  var event: String
  var payload: Payload

  /// The topic of the socket itself, and what goes over it.
  static let socketTopic = "phoenix"
  static let heartbeat = "heartbeat"

  static let join = "phx_join"
  static let leave = "phx_leave"
  static let reply = "phx_reply"
  /// The server has ended a membership: for good, or until the client joins anew.
  static let close = "phx_close"
  static let error = "phx_error"
}

/// Why a frame is no message of Phoenix channels.
enum PhoenixFrameError: Error, CustomStringConvertible {
  case json(JSONError)
  case shape
  case binary(ProtocolError)

  var description: String {
    switch self {
    case .json(let error): "the frame is no JSON: \(error)"
    case .shape:
      "a text frame is [join_ref, ref, topic, event, payload], the first four texts of at most "
        + "\(PhoenixFrame.maximumTextBytes) bytes, of which the refs may be null"
    case .binary(let error): "\(error)"
    }
  }
}

extension PhoenixMessage {
  /// Reads a text frame. Its texts have to fit into binary frames, in which answers may go.
  init(decoding text: [UInt8]) throws(PhoenixFrameError) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: text)
    } catch {
      throw .json(error)
    }
    guard let parts = value.array, parts.count == 5, let joinRef = Self.optionalText(parts[0]),
      let ref = Self.optionalText(parts[1]), let topic = Self.text(parts[2]), let event = Self.text(parts[3])
    else { throw .shape }
    self.init(joinRef: joinRef, ref: ref, topic: topic, event: event, payload: .json(parts[4]))
  }

  private static func text(_ value: JSONValue) -> String? {
    value.string.flatMap { $0.utf8.count <= PhoenixFrame.maximumTextBytes ? $0 : nil }
  }

  private static func optionalText(_ value: JSONValue) -> String?? {
    value.isNull ? .some(nil) : text(value).map(Optional.some)
  }

  /// Reads a binary frame, in which a ref that is not there is empty.
  init(decodingBinary frame: [UInt8]) throws(PhoenixFrameError) {
    do {
      let push = try PhoenixPush(decoding: frame)
      self.init(
        joinRef: push.joinRef.isEmpty ? nil : push.joinRef, ref: push.ref.isEmpty ? nil : push.ref, topic: push.topic,
        event: push.event, payload: .binary(push.payload))
    } catch {
      throw .binary(error)
    }
  }

  /// A text frame to a client.
  static func text(
    _ joinRef: String?, _ ref: String?, _ topic: String, _ event: String, _ payload: JSONValue
  ) -> [UInt8] {
    JSONValue.array([JSONValue(joinRef), JSONValue(ref), .string(topic), .string(event), payload]).serialized()
  }
}
