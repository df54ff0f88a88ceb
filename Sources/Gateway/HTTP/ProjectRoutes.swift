import Storage
import Workflow

/// `/api/projects`: which projects and workflows there are.
enum ProjectRoutes {
  /// A page of the projects by name, with their workflows; `after` and `limit` page on.
  static func list(_ call: Call) {
    let after = call.request.queryValue("after")
    guard after.map(DocumentName.isUUID) ?? true else {
      return call.respond(ErrorBody.response(422, "'\(after ?? "")' is not the id of a project", field: "after"))
    }
    guard let limit = call.pageSize() else { return }
    let (store, subject, respond) = (call.gateway.store, call.token?.credential.subject, call.respondLater)
    call.clearance.decide(.read, []) { decision in
      switch decision {
      case .refused(let refusal): respond(refusal.response)
      case .allowed(let access):
        store.listProjects(for: viewer(subject, access?.actor), after: after, limit: limit) { respond(response($0)) }
      }
    }
  }

  /// Somebody with a token sees the projects that are for him.
  static func viewer(_ subject: Subject?, _ actor: Actor?) -> ProjectViewer {
    switch subject {
    case nil: .everybody
    case .user: .member(actor?.id ?? "")
    case .repository(let id): .repository(projectID: id)
    }
  }

  private static func response(_ result: Result<[ProjectSummary], StoreError>) -> HTTPResponse {
    switch result {
    case .success(let projects): .json(200, JSONValue.object(["data": .array(projects.map(\.json))]).serialized())
    case .failure(let error): ErrorBody.response(503, "\(error)")
    }
  }
}

extension ProjectSummary {
  /// The project as it goes over HTTP.
  fileprivate var json: JSONValue {
    [
      "id": .string(id), "name": .string(name), "description": JSONValue(description),
      "workflows": .array(workflows.map(\.json)),
    ]
  }
}

extension WorkflowSummary {
  fileprivate var json: JSONValue {
    [
      "id": .string(id), "name": .string(name), "lock_version": JSONValue(lockVersion), "jobs": JSONValue(jobCount),
      "open_conflicts": JSONValue(openConflicts), "is_new": .bool(isNew),
      "open": presence.map {
        ["members": JSONValue($0.members), "names": .array($0.names.map(JSONValue.string))]
      } ?? .null,
    ]
  }
}
