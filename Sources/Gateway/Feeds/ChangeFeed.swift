import Workflow

/// Somebody who is told of what changes in a document: by one answer, or by a stream of events. Confined to the loop's thread.
///
/// A feed has no queue: it knows up to where it has told, and what is behind that is read when its reader takes it.
final class ChangeFeed {
  let name: DocumentName
  let call: Call
  private let form: Form
  private unowned let board: FeedBoard
  fileprivate(set) var attendance: Attendance?
  /// Up to where it has told; nil until that is known.
  private(set) var position: FeedPosition?
  /// Whether there may be something behind the position.
  private var mayHaveMore = true
  private var isReading = false
  /// Whether the reader has not taken what was written.
  private var isBlocked = false
  private(set) var isOver = false
  private var lastWrite: Milliseconds

  enum Form {
    /// Answered as soon as there is something, or then.
    case answer(by: Milliseconds)
    case events
  }

  init(_ call: Call, of name: DocumentName, from position: FeedPosition?, _ form: Form, _ board: FeedBoard) {
    self.call = call
    self.name = name
    self.position = position
    self.form = form
    self.board = board
    lastWrite = call.gateway.loop.now
    attendance = call.token.map { Attendance(self, at: name, $0, mayEdit: false) }
  }

  private var loop: EventLoop { call.gateway.loop }

  // MARK: From the board

  /// Begins. False where its connection is gone.
  func begin() -> Bool {
    guard case .events = form else { return true }
    let head = HTTPResponse(
      status: 200,
      headers: [
        (name: "content-type", value: "text/event-stream"), (name: "cache-control", value: "no-store"),
        (name: "x-accel-buffering", value: "no"),
      ])
    return loop.beginStream(for: call.exchange, head, self)
  }

  /// Something was stored.
  func stored() {
    mayHaveMore = true
    advance()
  }

  /// Whether the log, which is of this history and goes to this entry, has something for it.
  func isBehind(_ incarnation: Int64, _ sequence: Int64) -> Bool {
    switch position {
    case .version(let version): version.incarnation != incarnation || version.sequence < sequence
    case .sequence(let known): known < sequence
    case nil: false
    }
  }

  /// Reads what is new, unless that is under way or nobody takes it.
  func advance() {
    guard mayHaveMore, !isReading, !isBlocked, !isOver else { return }
    (isReading, mayHaveMore) = (true, false)
    if let position { board.read(position, for: self) } else { board.findPosition(for: self) }
  }

  func tick(now: Milliseconds, heartbeat: Milliseconds) {
    switch form {
    case .answer(let limit): if now >= limit, !isReading { answer([]) }
    case .events: if now - lastWrite >= heartbeat, !isBlocked { write(": still here\n\n") }
    }
  }

  /// The position that it begins at, or begins anew at.
  func found(_ version: DocumentVersion, isReset: Bool) {
    isReading = false
    position = .version(version)
    let data: JSONValue = ["etag": .string(version.tag)]
    write(event: isReset ? "reset" : "position", id: version, data)
    advance()
  }

  func received(_ list: ChangeList) {
    isReading = false
    guard !isOver else { return }
    position = .version(list.end)
    mayHaveMore = mayHaveMore || list.hasMore
    switch form {
    case .answer(let limit):
      if !list.entries.isEmpty || (!list.hasMore && loop.now >= limit) { return answer(list.entries) }
    case .events: for entry in list.entries { write(event: "change", id: entry.version, entry.json) }
    }
    advance()
  }

  /// What is at its position is not kept.
  func lost(_ failure: PreconditionFailure) {
    isReading = false
    guard case .events = form else {
      let message = "\(failure.reason). Read the workflow again, and go on from there"
      return end(with: WorkflowRoutes.error(410, message, type: "version_gone"))
    }
    (position, mayHaveMore) = (nil, true)
    isReading = true
    board.findPosition(for: self, isReset: true)
  }

  /// It cannot be read now.
  func failed(_ response: HTTPResponse) {
    isReading = false
    end(with: response)
  }

  /// The server ends.
  func drain() {
    if case .answer = form, position != nil { answer([]) } else { end("the server restarts, please reconnect") }
  }

  // MARK: To the reader

  private func answer(_ entries: [ChangeList.Entry]) {
    var members: [String: JSONValue] = ["data": .array(entries.map(\.json)), "more": .bool(mayHaveMore)]
    if case .version(let version)? = position { members["etag"] = .string(version.tag) }
    end(with: .json(200, JSONValue.object(members).serialized(), headers: [(name: "cache-control", value: "no-store")]))
  }

  private func write(event: String, id: DocumentVersion?, _ data: JSONValue) {
    guard case .events = form else { return }
    write((id.map { "id: \($0)\n" } ?? "") + "event: \(event)\ndata: \(data.text)\n\n")
  }

  private func write(_ text: String) {
    guard !isOver else { return }
    lastWrite = loop.now
    isBlocked = !loop.stream(Array(text.utf8), to: call.exchange)
  }

  private func end(_ reason: String) {
    end(with: ErrorBody.response(503, reason), reason)
  }

  /// Ends it: with an answer, or with a last event that says why.
  private func end(with response: HTTPResponse, _ reason: String? = nil) {
    guard !isOver else { return }
    if case .events = form {
      let text = reason ?? String(decoding: response.body, as: UTF8.self)
      write(event: "end", id: nil, ["reason": .string(text)])
      isOver = true
      loop.endStream(call.exchange)
    } else {
      isOver = true
      call.respond(response)
    }
    board.remove(self)
  }
}

extension ChangeFeed: HTTPStreamer {
  func drained() {
    isBlocked = false
    advance()
  }

  func closed() {
    isOver = true
    board.remove(self)
  }
}

extension ChangeFeed: Attendant {
  func changeAccess(mayEdit: Bool) {}

  func loseAccess(_ reason: String) {
    end(with: attendance?.loss?.refusal.response ?? ErrorBody.response(403, reason), reason)
  }

  func close(_ code: WebSocketCloseCode, reason: String) {}
}
