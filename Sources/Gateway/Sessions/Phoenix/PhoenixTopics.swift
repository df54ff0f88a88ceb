import Workflow

/// Who is in which topic of Phoenix channels, on this server. Confined to the loop's thread.
final class PhoenixTopics {
  private var channels: [String: [PhoenixChannel]] = [:]

  func add(_ channel: PhoenixChannel) {
    channels[channel.topic, default: []].append(channel)
  }

  func remove(_ channel: PhoenixChannel) {
    channels[channel.topic]?.removeAll { $0 === channel }
    if channels[channel.topic]?.isEmpty == true { channels[channel.topic] = nil }
  }

  /// Tells everybody who is in a topic.
  func broadcast(_ event: String, _ payload: JSONValue, in topic: String) {
    for channel in channels[topic] ?? [] { channel.push(event, payload) }
  }
}
