import Workflow

/// What one client lets all others in its topic know.
enum PhoenixNotices {
  /// Tells everybody in the topic, the client included, that it begins or ends to put in what an assistant wrote.
  static func tell(_ event: String, _ request: PhoenixRequest, names: Bool) {
    guard let id = request.payload["message_id"], id.string != nil || id.integer != nil else {
      return request.fail(PhoenixRefusal("message_id is required"))
    }
    request.demand(.edit) { request in
      var payload: [String: JSONValue] = ["message_id": id]
      if names {
        payload["user_id"] = JSONValue(request.actor.id)
        payload["user_name"] = JSONValue(request.actor.name)
      }
      request.succeed()
      request.channel.session.gateway.topics.broadcast(event, .object(payload), in: request.message.topic)
    }
  }
}
