import Storage
import Workflow

/// `/api/differences`: what audits found in stored documents, for those who run the server.
enum DifferenceRoutes {
  /// What is not gone, of all workflows and servers.
  static func list(_ call: Call) {
    guard let limit = call.pageSize() else { return }
    let respond = call.respondLater
    call.gateway.store.readDifferences(limit: limit) { result in
      switch result {
      case .success(let known):
        respond(.json(200, JSONValue.object(["data": .array(known.map(json))]).serialized()))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  private static func json(_ known: KnownDifference) -> JSONValue {
    [
      "workflow_id": .string(known.difference.workflowID), "kind": .string(known.difference.kind.rawValue),
      "detail": .string(known.difference.detail), "found_at": .string(known.foundAt), "seen_at": .string(known.seenAt),
    ]
  }
}
