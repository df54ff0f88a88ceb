import Provisioning
import Storage
import Workflow

/// `/api/provision/<id>`: how projects get out.
enum ExportRoutes {
  /// The project as it is, or with `snapshots[]` its workflows as they were in saved versions.
  static func project(_ call: Call) {
    guard let id = call.identifier("project") else { return }
    let snapshots = call.request.query.filter { $0.name == "snapshots[]" || $0.name == "snapshots" }.map(\.value)
    let respond = call.respondLater
    guard snapshots.isEmpty else { return pinned(id, snapshots, call) }
    call.gateway.store.exportProject(id) { result in
      switch result {
      case .success(let project): respond(response(project, id))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  private static func response(_ project: ProjectContent?, _ id: String) -> HTTPResponse {
    guard let project else { return missing(id) }
    return .json(200, JSONValue.object(["data": project.exported]).serialized())
  }

  private static func missing(_ id: String) -> HTTPResponse { ErrorBody.response(404, "there is no project \(id)") }

  // MARK: Files

  /// The project as a file in YAML.
  static func file(_ call: Call) {
    guard let id = call.identifier("project") else { return }
    file(id, call)
  }

  /// The same, where the query names the project.
  static func queriedFile(_ call: Call) {
    let id = call.request.queryValue("id") ?? ""
    guard DocumentName.isUUID(id) else {
      return call.respond(ErrorBody.response(422, "'\(id)' is not the id of a project: ids are uuids", field: "id"))
    }
    file(id.lowercased(), call)
  }

  private static func file(_ id: String, _ call: Call) {
    let name = call.request.queryValue("format") ?? ProjectFormat.v1.rawValue
    guard let format = ProjectFormat(rawValue: name), format != .json else {
      let known = ProjectFormat.allCases.filter { $0 != .json }.map(\.rawValue).joined(separator: ", ")
      return call.respond(ErrorBody.response(422, "is one of \(known)", field: "format"))
    }
    let (worker, respond) = (call.gateway.worker, call.respondLater)
    call.gateway.store.exportProject(id) { result in
      switch result {
      case .success(let project?): worker.async { respond(response(project, as: format)) }
      case .success(nil): respond(missing(id))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  private static func response(_ project: ProjectContent, as format: ProjectFormat) -> HTTPResponse {
    do {
      let text = try ProjectExport(project).text(as: format)
      return HTTPResponse(
        status: 200, headers: [(name: "content-type", value: "text/yaml; charset=utf-8")], body: Array(text.utf8))
    } catch {
      return ImportSource.response(to: error)
    }
  }

  // MARK: Saved versions

  private static func pinned(_ id: String, _ snapshots: [String], _ call: Call) {
    let wrong = snapshots.filter { !DocumentName.isUUID($0) }
    guard wrong.isEmpty else {
      return call.respond(errors(422, wrong.map { "'\($0)' is not the id of a snapshot: ids are uuids" }))
    }
    var seen: Set<String> = []
    let ids = snapshots.map { $0.lowercased() }.filter { seen.insert($0).inserted }
    let respond = call.respondLater
    call.gateway.store.readProject(id, snapshots: ids) { result in
      switch result {
      case .success(nil): respond(missing(id))
      case .success(.found(let project)): respond(response(project, id))
      case .success(.unknown(let ids)): respond(errors(404, ids.map { "there is no snapshot \($0) of this project" }))
      case .success(.ambiguous(let workflows)):
        respond(errors(422, workflows.map { "more than one snapshot of workflow \($0) is given" }))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  private static func errors(_ status: Int, _ messages: [String]) -> HTTPResponse {
    ErrorBody.response(status, errors: ["snapshots": .array(messages.map(JSONValue.string))])
  }
}
