import Storage
import Workflow

/// `/api/rooms` and `/api/reconciliations`: what goes on, for those who run the server.
enum RoomRoutes {
  /// The rooms of this server. Those in which something waits come first, then those with most members.
  static func list(_ call: Call) {
    guard let limit = call.pageSize() else { return }
    let directory = call.gateway.directory
    let rooms = directory.all.map { (host: $0, isWaiting: $0.room.pendingUpdateBytes > 0 || $0.hasLaggingMember) }
    let shown = rooms.sorted { a, b in
      let (ours, theirs) = (a.host.room.memberCount, b.host.room.memberCount)
      guard a.isWaiting == b.isWaiting else { return a.isWaiting }
      return ours == theirs ? "\(a.host.name)" < "\(b.host.name)" : ours > theirs
    }
    let answer: JSONValue = [
      "server": server(call.gateway), "data": .array(shown.prefix(limit).map { $0.host.report() }),
    ]
    call.respond(.json(200, answer.serialized(), headers: [(name: "cache-control", value: "no-store")]))
  }

  private static func server(_ gateway: Gateway) -> JSONValue {
    let (network, store, directory) = (gateway.loop.statistics, gateway.store.status, gateway.directory)
    return [
      "rooms": JSONValue(directory.roomCount), "members": JSONValue(directory.memberCount),
      "connections": JSONValue(network.websockets), "lagging_connections": JSONValue(network.lagging),
      "queued_bytes": JSONValue(Int(network.queuedBytes)), "pending_bytes": JSONValue(directory.pendingBytes),
      "database_reachable": .bool(store.isReachable),
    ]
  }

  /// The newest merges of changed rows and of branches, of all workflows and servers.
  static func recent(_ call: Call) {
    guard let limit = call.pageSize() else { return }
    let respond = call.respondLater
    call.gateway.store.readRecentReconciliations(limit: limit) { result in
      switch result {
      case .success(let records):
        respond(.json(200, JSONValue.object(["data": .array(records.map(json))]).serialized()))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  private static func json(_ recent: RecentReconciliation) -> JSONValue {
    var members = recent.record.json.object ?? [:]
    members["workflow"] = ["id": .string(recent.workflowID), "name": JSONValue(recent.workflowName)]
    return .object(members)
  }
}
