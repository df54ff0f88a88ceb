/// A stream of server-sent events as a test reads it.
public final class EventStream {
  /// One event; what is not there is "".
  public struct Event: Equatable {
    public var id = ""
    public var name = ""
    public var data = ""
    public var comment = ""
  }

  public let socket: TestSocket
  public private(set) var head = ""

  /// Asks for a stream, and waits for its head.
  public init(port: UInt16, _ target: String, headers: [String] = [], receiveBuffer: Int32? = nil) throws {
    socket = try TestSocket(port: port, receiveBuffer: receiveBuffer)
    let lines = ["GET \(target) HTTP/1.1", "Host: test", "Accept: text/event-stream"] + headers
    try socket.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
    head = try socket.read(through: "\r\n\r\n").lowercased()
  }

  /// The next event, or comment.
  public func next() throws -> Event {
    var event = Event()
    while true {
      let line = try socket.read(through: "\n").dropLast()
      if line.isEmpty { return event }
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
      switch parts[0] {
      case "id": event.id = value
      case "event": event.name = value
      case "data": event.data += value
      default: event.comment = value
      }
    }
  }

  /// The next event of a name; comments are passed over.
  public func next(_ name: String) throws -> Event {
    while true {
      let event = try next()
      if event.name == name { return event }
      guard event.name.isEmpty || event.name == "position" else {
        throw TestSocket.Failure(description: "instead of \(name) came \(event.name): \(event.data)")
      }
    }
  }
}
