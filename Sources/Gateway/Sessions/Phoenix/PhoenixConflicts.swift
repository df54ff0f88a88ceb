import Rooms
import Storage
import Workflow

/// The conflict inbox over Phoenix channels: events of our own.
enum PhoenixConflicts {
  static func list(_ request: PhoenixRequest) {
    request.ask(.conflicts) { answer(request, $0) }
  }

  /// Carries out a choice in one conflict: `{"id": "12-1", "keep": "live" | "database" | "value", "value": …}`.
  static func resolve(_ request: PhoenixRequest) {
    guard let id = request.payload["id"]?.string.flatMap(ConflictRecord.ID.init) else {
      return request.fail(RequestFailure(422, ["id": ["is the id of a conflict, like 12-1"]], type: "validation_error"))
    }
    guard let choice = ConflictChoice(request.payload, allowsValue: true) else {
      return request.fail(RequestFailure(422, ["keep": [.string(ConflictChoice.expected)]], type: "validation_error"))
    }
    request.demand(.decide) { request in
      request.read {
        $0.readConflicts(request.workflowID, status: nil, ids: [id], $1)
      } _: { request, records in
        guard !records.isEmpty else {
          return request.fail(RequestFailure(404, "there is no such conflict", type: "not_found"))
        }
        request.ask(.resolve(records, choice, request.actor)) { answer(request, $0) }
      }
    }
  }

  private static func answer(_ request: PhoenixRequest, _ reply: Room.Reply) {
    switch reply {
    case .conflicts(let conflicts), .resolved(let conflicts):
      request.succeed(["conflicts": .array(conflicts.map(\.json))])
    default: request.fail(reply.failure ?? .contended)
    }
  }
}
