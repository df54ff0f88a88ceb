import Rooms
import Storage
import Workflow

/// Something that a client asks for in a topic, on its way to its answer. Confined to the loop's thread.
struct PhoenixRequest {
  let message: PhoenixMessage
  let payload: JSONValue
  let channel: PhoenixChannel
  let seat: PhoenixChannel.Seat

  init(_ message: PhoenixMessage, _ payload: JSONValue, _ channel: PhoenixChannel, _ seat: PhoenixChannel.Seat) {
    self.message = message
    self.payload = payload
    self.channel = channel
    self.seat = seat
  }

  private var gateway: Gateway { channel.session.gateway }

  /// On whose behalf what is asked for is done.
  var actor: Actor { seat.actor ?? .member }
  var workflowID: String { seat.name.workflowID }

  // MARK: Answers

  func succeed(_ response: JSONValue = [:]) {
    answer(isOK: true, response)
  }

  func fail(_ failure: RequestFailure) {
    answer(isOK: false, Self.response(to: failure))
  }

  func fail(_ refusal: PhoenixRefusal) {
    answer(isOK: false, refusal.json)
  }

  /// Exactly once for each request.
  private func answer(isOK: Bool, _ response: JSONValue) {
    channel.session.finish()
    channel.session.reply(to: message, isOK: isOK, response)
  }

  static func response(to failure: RequestFailure) -> JSONValue {
    ["errors": failure.errors, "type": .string(failure.type)]
  }

  // MARK: Questions

  /// Goes on if the client may do this with the project, as the database has it now.
  func demand(_ verb: Verb, _ body: @escaping (PhoenixRequest) -> Void) {
    gateway.door.check(channel.session.token, verb, .project(seat.projectID)) { decision in
      switch decision {
      case .allowed: body(self)
      case .refused(.unavailable(let why)): fail(RequestFailure(503, why, type: "internal_error"))
      case .refused: fail(RequestFailure.unauthorized)
      }
    }
  }

  /// Asks the room of the live document.
  func ask(_ request: Room.Request, _ body: @escaping (Room.Reply) -> Void) {
    gateway.directory.ask(DocumentName(workflowID: workflowID), request, completion: body)
  }

  /// Asks the store, and goes on with the answer on the loop.
  func read<Value: Sendable>(
    _ question: (Store, @escaping Store.Completion<Value>) -> Void, _ body: @escaping (PhoenixRequest, Value) -> Void
  ) {
    let waiting = Confined(Waiting(self, body))
    question(gateway.store) { [loop = gateway.loop] result in
      loop.execute { waiting.value.finish(result) }
    }
  }

  /// A request that another thread carries along, and what is to be done then.
  private final class Waiting<Value: Sendable> {
    let request: PhoenixRequest
    let body: (PhoenixRequest, Value) -> Void

    init(_ request: PhoenixRequest, _ body: @escaping (PhoenixRequest, Value) -> Void) {
      self.request = request
      self.body = body
    }

    func finish(_ result: Result<Value, StoreError>) {
      switch result {
      case .success(let value): body(request, value)
      case .failure: request.fail(PhoenixRefusal("failed to handle \(request.message.event)"))
      }
    }
  }
}
