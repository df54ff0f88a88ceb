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
    let respond = call.respondLater
    call.gateway.store.listProjects(after: after, limit: limit) { result in
      switch result {
      case .success(let projects):
        respond(.json(200, JSONValue.object(["data": .array(projects.map(\.json))]).serialized()))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
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
      "open_conflicts": JSONValue(openConflicts),
      "open": presence.map {
        ["members": JSONValue($0.members), "names": .array($0.names.map(JSONValue.string))]
      } ?? .null,
    ]
  }
}
