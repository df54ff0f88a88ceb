import Storage
import Tokens
import Workflow

/// `/api/tokens`: tokens for opening connections, which may be shown where others had better not be.
enum TokenRoutes {
  static func make(_ call: Call) {
    guard let authentication = call.gateway.door.authentication, let token = call.token else {
      return call.respond(
        WorkflowRoutes.error(404, "no tokens are needed here: no authentication is configured", type: "not_found"))
    }
    do {
      let issued = try authentication.issuer.issueConnectionToken(
        for: token, id: Store.newTokenID(), lifetime: authentication.connectionTokenLifetime, now: TimeOfDay.now)
      let body: JSONValue = [
        "token": .string(issued.text), "expires_at": .number(Double(issued.expiresAt / 1000)),
        "connections_until": .number(Double(token.connectionsUntil / 1000)),
      ]
      call.respond(.json(201, body.serialized(), headers: [(name: "cache-control", value: "no-store")]))
    } catch {
      call.respond(ErrorBody.response(500, "no token could be made: \(error)"))
    }
  }
}
