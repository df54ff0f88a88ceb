/// How a server is one of several on the same database.
public struct NodeConfiguration: Sendable {
  /// How long a server that is not seen any more still counts. It is seen three times as often.
  public var lease = Duration.seconds(15)
  /// What nodes tell each other things over; nil: the database.
  public var bus: BusAddress?
  /// How long what members show waits at least before other nodes are told more of it.
  public var presenceInterval = Duration.milliseconds(50)
  /// What others see of this server.
  public var version = ""
  public var address = ""

  public init() {}
}

/// A server as the database knows it.
public struct NodeRecord: Hashable, Sendable {
  public var id: String
  /// In ISO 8601.
  public var startedAt: String
  public var seenAt: String
  /// Seconds since it was seen last, by the database's clock.
  public var age: Double
  public var version: String
  public var address: String
  /// Documents that members have open there, and how many members that are.
  public var documents: Int
  public var members: Int
}

/// Names a node in rooms: a number that no member has.
public typealias NodeNumber = UInt64

/// What a server hears of others. All of it are hints.
public enum NodeNews: Sendable {
  /// Logs of documents reach up to here.
  case grew([DocumentGrowth])
  /// What members of another node show of themselves.
  case shown([UInt8], in: String, by: NodeNumber)
  /// Another node asks what members here show.
  case whoIsThere(String)
  /// A node is gone, and with it its members.
  case gone(NodeNumber)
}
