/// What messages between nodes go over. All of it blocks: each half belongs to one thread of the bus.
protocol BusCarrier: Sendable {
  /// What carries it, for logs. Without secrets.
  var description: String { get }
  /// Bytes of one text at most.
  var maximumTextBytes: Int { get }
  /// Whether each document has a channel of its own, so that nodes hear only of those that they have open.
  var separatesDocuments: Bool { get }

  /// `installation` keeps those apart who share a carrier.
  func publisher(installation: String) -> any BusPublisher
  func subscriber(installation: String) -> any BusSubscriber
}

/// The half that speaks. After an error it has to be connected anew.
protocol BusPublisher: AnyObject {
  func connect() throws
  func publish(_ parcels: [BusParcel]) throws
  func close()
}

/// The half that hears. After an error it has to be connected anew, and listens to nothing.
protocol BusSubscriber: AnyObject {
  /// To wait for, until there is something to receive.
  var socket: Int32 { get }
  func connect() throws
  /// Listens to what concerns these documents, beside what concerns all. Those that it did not listen to before are in `receive`
  /// as begun once it does. Nothing to do where all nodes hear everything.
  func listen(to documents: Set<String>) throws
  /// What has arrived. Returns at once.
  func receive() throws -> BusDelivery
  func close()
}

/// A text for all nodes, or for those that have a document open.
struct BusParcel: Hashable, Sendable {
  var document: String?
  var text: String
}

/// What a subscriber received.
struct BusDelivery {
  var texts: [String] = []
  /// The documents that it listens to from now on. What was said of them before it missed.
  var begun: [String] = []
}

/// Why a carrier does not carry.
struct BusError: Error, CustomStringConvertible {
  var description: String
}
