import Storage
import Workflow

/// `/api/me` and `/api/workflows/<id>/access`: who the caller is, and what that allows.
enum AccessRoutes {
  /// What is about no project.
  private static let serverVerbs: [Verb] = [.createProject, .operate, .connect]

  static func me(_ call: Call) {
    let (expiresAt, respond) = (call.token?.expiresAt, call.respondLater)
    call.clearance.decide(.read, []) { decision in
      switch decision {
      case .refused(let refusal): respond(refusal.response)
      case .allowed(let access):
        respond(
          answer([
            "actor": access?.actor.json ?? .null, "may": names(serverVerbs, access),
            "expires_at": expiresAt.map { .number(Double($0 / 1000)) } ?? .null,
          ]))
      }
    }
  }

  static func workflow(_ call: Call) {
    guard call.identifier("workflow") != nil else { return }
    let verbs = Verb.allCases.filter { !serverVerbs.contains($0) }
    call.respond(answer(["role": JSONValue(call.access?.capacity.roleName), "may": names(verbs, call.access)]))
  }

  private static func names(_ verbs: [Verb], _ access: KnownAccess?) -> JSONValue {
    .array(verbs.filter { access?.may($0) ?? true }.map { .string($0.rawValue) })
  }

  private static func answer(_ data: JSONValue) -> HTTPResponse {
    .json(200, JSONValue.object(["data": data]).serialized(), headers: [(name: "cache-control", value: "no-store")])
  }
}

extension Capacity {
  /// As people know it; nil where nobody has one.
  fileprivate var roleName: String? {
    switch self {
    case .user(let role, _): role?.rawValue
    case .repository: "repository"
    case .unchecked, .outsider: nil
    }
  }
}
