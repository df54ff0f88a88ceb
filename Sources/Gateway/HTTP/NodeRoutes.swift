import Storage
import Workflow

/// `/api/nodes`: which servers there are, for those who run them.
enum NodeRoutes {
  static func list(_ call: Call) {
    let respond = call.respondLater
    let own = call.gateway.store.nodeID
    call.gateway.store.readNodes { result in
      switch result {
      case .success(let nodes):
        let answer: JSONValue = ["data": .array(nodes.map { json($0, own: own) })]
        respond(.json(200, answer.serialized(), headers: [(name: "cache-control", value: "no-store")]))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  private static func json(_ node: NodeRecord, own: String) -> JSONValue {
    [
      "id": .string(node.id), "this": .bool(node.id == own), "address": .string(node.address),
      "version": .string(node.version), "started_at": .string(node.startedAt), "seen_at": .string(node.seenAt),
      "age": .number(node.age), "documents": JSONValue(node.documents), "members": JSONValue(node.members),
    ]
  }
}
