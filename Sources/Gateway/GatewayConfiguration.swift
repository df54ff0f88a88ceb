public import Provisioning
public import Rooms
public import Workflow

/// Everything that can be set about the server besides where its data is.
public struct GatewayConfiguration: Sendable {
  /// Where to listen, and the limits of the network.
  public var network: ServerConfiguration
  /// The limits and delays of each room.
  public var room = RoomConfiguration()
  /// What is recorded of rooms.
  public var records = RecorderLimits()
  /// How long the record of a room that ended by a fault is kept.
  public var faultRecordRetention = Duration.seconds(3600)
  /// How long it may take to make the answer that is a record.
  public var recordTimeout = Duration.seconds(300)
  /// How many documents one websocket may have open, in protocols with many.
  public var maximumDocumentsPerConnection = 256
  /// How many documents of one project may be open here for somebody; 0 for any number.
  public var maximumDocumentsPerProject = 1024
  /// How many requests of one websocket may wait for their answers, in protocols that have requests.
  public var maximumRequestsPerConnection = 32
  /// How long a websocket for many documents may have none open.
  public var unusedTimeout = Duration.seconds(60)
  /// How long a websocket may be open before its client shows a token, in protocols in which that comes in messages.
  public var authenticationTimeout = Duration.seconds(10)
  /// What a client may send about documents before it is known what it may do with them, in bytes, in protocols in which
  /// that comes in messages.
  public var maximumUnauthenticatedBytes = 256 << 10
  /// Whether clients of `/collab` get their own edits back once they are stored, where they do not say themselves.
  public var echoesUpdates = false
  /// What one client's edits may take, in bytes, that wait to be stored and sent back.
  public var maximumEchoBytes = 16 << 20
  /// What a patch of a document may be.
  public var patch = PatchLimits()
  /// What a project file may take.
  public var formats = FormatLimits()
  /// How those who come are told of changes over HTTP.
  public var feeds = FeedConfiguration()
  /// How projects are kept in git repositories; nil where this server does not do that.
  public var repositories: RepositoryConfiguration?
  /// How those who come show who they are; nil where everybody who reaches the server may do everything.
  public var authentication: Authentication?
  /// From which web pages the server may be used.
  public var origins = OriginPolicy.any
  /// How long the server may take to store everything and say goodbye when it is asked to end.
  public var drainTimeout = Duration.seconds(20)
  /// How many members may be let go in a second then, all of one document together; more where the time would not suffice; 0 for
  /// any number.
  public var drainClosesPerSecond = 1000

  /// The defaults, listening on the given endpoints.
  public init(network: ServerConfiguration) {
    self.network = network
  }
}
