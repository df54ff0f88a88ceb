/// Who is in a document, as a client knows it: what it shows of itself, and what others show of themselves.
///
/// Times are milliseconds of any steady clock.
public struct ClientAwareness: Sendable {
  /// The client that this is about.
  public let client: UInt64
  /// The JSON that the client shows of itself, nil if it shows nothing.
  public private(set) var local: String?

  private var clock: UInt64 = 0
  private var room = Awareness()
  private static let server: UInt64 = 0

  /// Nobody is here, and nothing is shown.
  public init(client: UInt64) {
    self.client = client
  }

  /// What others show of themselves, as JSON by client.
  public var others: [UInt64: String] {
    var states: [UInt64: String] = [:]
    for other in room.clients where other != client { states[other] = room[other] }
    return states
  }

  /// Shows JSON from now on, or nothing.
  /// - Returns: what everybody is to be told.
  public mutating func show(_ json: String?) -> [UInt8] {
    local = json
    return announced()
  }

  /// Says again what is shown, as clients do every 15 s to be taken for present. Nil if nothing is.
  public mutating func renewed() -> [UInt8]? {
    local == nil ? nil : announced()
  }

  private mutating func announced() -> [UInt8] {
    clock += 1
    return AwarenessUpdate.encode([(client: client, clock: clock, state: local)])
  }

  /// Takes in what the server says. A wrong update throws and changes nothing.
  /// - Returns: what to tell everybody, if others are wrong about this client: that it is here, under a newer clock.
  public mutating func apply(_ update: [UInt8], now: Int64) throws(ProtocolError) -> [UInt8]? {
    _ = try room.apply(update, from: Self.server, now: now)
    guard let known = room.clock(of: client), known >= clock, room[client] != local else { return nil }
    clock = known
    return local == nil && room[client] == nil ? nil : announced()
  }

  /// Forgets those who were not heard of for 30 s.
  public mutating func removeSilentClients(now: Int64) {
    _ = room.removeSilentClients(now: now)
  }

  /// Forgets everybody else: the connection is gone.
  public mutating func removeOthers() {
    room = Awareness()
  }
}
