import Rooms
import Workflow

/// `/api/workflows/<id>/changes`: what changes in the live document, as it is stored.
enum ChangesRoutes {
  /// What is behind a version: one answer, which may wait until there is something, or a stream of events.
  static func read(_ call: Call) {
    guard let id = call.identifier("workflow") else { return }
    let isStream = call.request.values(of: "accept").contains { $0.lowercased().contains("text/event-stream") }
    let position: FeedPosition?
    switch since(call.request, isStream: isStream) {
    case .success(let found): position = found
    case .failure(let error): return call.respond(ErrorBody.response(422, error.message, field: "since"))
    }
    guard let wait = wait(call) else { return }
    let name = DocumentName(workflowID: id)
    // Whoever opens a document has it merged with its rows.
    call.gateway.directory.ask(name, .open) { reply in
      guard case .opened = reply else { return call.respond(WorkflowRoutes.response(to: reply)) }
      let form = isStream ? ChangeFeed.Form.events : .answer(by: call.gateway.loop.now + wait)
      call.gateway.feeds.add(ChangeFeed(call, of: name, from: position, form, call.gateway.feeds))
    }
  }

  private struct BadPosition: Error {
    let message: String
  }

  /// Who comes back to a stream says where it was in a header of its own. A stream may begin where the document is now.
  private static func since(_ request: HTTPRequest, isStream: Bool) -> Result<FeedPosition?, BadPosition> {
    let last = isStream ? request.header("last-event-id") : nil
    guard let text = last ?? request.queryValue("since") else {
      if isStream { return .success(nil) }
      return .failure(
        BadPosition(message: "is missing: the ETag of what you have, or the number of an entry of the log"))
    }
    let plain = text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
    if let version = DocumentVersion(plain) { return .success(.version(version)) }
    if let sequence = Int64(plain), sequence >= 0 { return .success(.sequence(sequence)) }
    return .failure(
      BadPosition(message: "'\(text.prefix(80))' is neither an ETag nor the number of an entry of the log"))
  }

  /// In milliseconds; nil where the request is answered.
  private static func wait(_ call: Call) -> Milliseconds? {
    guard let text = call.request.queryValue("wait") else { return 0 }
    guard let seconds = UInt32(text) else {
      call.respond(ErrorBody.response(422, "'\(text)' is not a whole number of seconds", field: "wait"))
      return nil
    }
    let configuration = call.gateway.configuration
    let limit = min(
      configuration.feeds.maximumWait.wholeMilliseconds, configuration.network.responseTimeout.wholeMilliseconds / 4 * 3
    )
    return min(Milliseconds(seconds) * 1000, Milliseconds(limit))
  }
}
