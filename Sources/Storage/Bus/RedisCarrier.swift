/// Channels of a Redis or Valkey: one for all nodes, and one for each document, which those hear who have it open. Nothing is
/// stored there.
struct RedisCarrier: BusCarrier {
  let address: BusAddress

  var description: String { "\(address)" }
  var maximumTextBytes: Int { 1 << 20 }
  var separatesDocuments: Bool { true }

  func publisher(installation: String) -> any BusPublisher {
    Publisher(connection: RedisConnection(address: address), channels: Channels(installation: installation))
  }

  func subscriber(installation: String) -> any BusSubscriber {
    Subscriber(connection: RedisConnection(address: address), channels: Channels(installation: installation))
  }

  private struct Channels {
    let all: String
    private let prefix: String

    init(installation: String) {
      all = "heddle:\(installation):all"
      prefix = "heddle:\(installation):document:"
    }

    func channel(of document: String?) -> String { document.map { prefix + $0 } ?? all }

    func document(of channel: String) -> String? {
      channel.hasPrefix(prefix) ? String(channel.dropFirst(prefix.count)) : nil
    }
  }

  private final class Publisher: BusPublisher {
    private let connection: RedisConnection
    private let channels: Channels

    init(connection: RedisConnection, channels: Channels) {
      self.connection = connection
      self.channels = channels
    }

    func connect() throws {
      if !connection.isConnected { try connection.connect() }
    }

    func publish(_ parcels: [BusParcel]) throws {
      try connection.pipeline(parcels.map { ["PUBLISH", channels.channel(of: $0.document), $0.text] })
    }

    func close() { connection.close() }
  }

  private final class Subscriber: BusSubscriber {
    /// Channels that one command names.
    private static let channelsPerCommand = 500

    private let connection: RedisConnection
    private let channels: Channels
    private var documents: Set<String> = []

    init(connection: RedisConnection, channels: Channels) {
      self.connection = connection
      self.channels = channels
    }

    var socket: Int32 { connection.socket }

    func connect() throws {
      guard !connection.isConnected else { return }
      documents = []
      try connection.connect()
      try connection.send([["SUBSCRIBE", channels.all]])
    }

    func listen(to wanted: Set<String>) throws {
      try send("SUBSCRIBE", wanted.subtracting(documents))
      try send("UNSUBSCRIBE", documents.subtracting(wanted))
      documents = wanted
    }

    private func send(_ command: String, _ documents: Set<String>) throws {
      let names = documents.sorted().map { channels.channel(of: $0) }
      let commands = stride(from: 0, to: names.count, by: Self.channelsPerCommand).map { start in
        [command] + names[start..<min(start + Self.channelsPerCommand, names.count)]
      }
      if !commands.isEmpty { try connection.send(commands) }
    }

    func receive() throws -> BusDelivery {
      var delivery = BusDelivery()
      for words in try connection.received() where words.count == 3 {
        switch words[0] {
        case "message": delivery.texts.append(words[2])
        case "subscribe": if let id = channels.document(of: words[1]) { delivery.begun.append(id) }
        default: break
        }
      }
      return delivery
    }

    func close() { connection.close() }
  }
}
