import Storage
import Workflow

/// `/api/projects/<id>/workflows` and `…/workflow-name`: workflows that are not saved yet, and what they can be called.
enum NewWorkflowRoutes {
  /// Makes the document of a new workflow. Its rows come with the first save.
  static func make(_ call: Call) {
    guard let project = call.identifier("project"), let members = members(of: call) else { return }
    guard let name = text("name", of: members, call), let given = text("id", of: members, call) else { return }
    guard given.map(DocumentName.isUUID) ?? true else {
      return call.respond(ErrorBody.response(422, "'\(given ?? "")' is no uuid", field: "id"))
    }
    let (id, respond) = ((given ?? Store.newWorkflowID()).lowercased(), call.respondLater)
    call.gateway.store.openNew(id, in: project, name: name, by: call.actor) { result in
      respond(response(result, id, project))
    }
  }

  private static func response(
    _ result: Result<NewWorkflowOutcome, any Error>, _ id: String, _ project: String
  ) -> HTTPResponse {
    switch result {
    case .success(.open(let name, let isMade)):
      let data: JSONValue = [
        "id": .string(id), "name": .string(name), "document": .string("\(DocumentName(workflowID: id))"),
      ]
      var response = HTTPResponse.json(isMade ? 201 : 200, JSONValue.object(["data": data]).serialized())
      response.headers.append((name: "location", value: "/api/workflows/\(id)"))
      return response
    case .success(.saved): return ErrorBody.response(409, "is saved already: open it", field: "id")
    case .success(.taken): return ErrorBody.response(422, "has already been taken", field: "id")
    case .success(.noProject): return ErrorBody.response(404, "there is no project \(project)")
    case .failure(let error): return ErrorBody.response(503, "\(error); nothing was changed")
    }
  }

  /// A name that is free in the project.
  static func name(_ call: Call) {
    guard let project = call.identifier("project"), let members = members(of: call) else { return }
    guard let name = text("name", of: members, call), let id = text("id", of: members, call) else { return }
    guard id.map(DocumentName.isUUID) ?? true else {
      return call.respond(ErrorBody.response(422, "'\(id ?? "")' is no uuid", field: "id"))
    }
    let respond = call.respondLater
    call.gateway.store.freeWorkflowName(name ?? "", in: project, besides: id) { result in
      switch result {
      case .success(let name): respond(.json(200, JSONValue.object(["name": .string(name)]).serialized()))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  /// The members of the body; none where there is no body. Otherwise the request is answered and the result nil.
  private static func members(of call: Call) -> [String: JSONValue]? {
    guard !call.request.body.isEmpty else { return [:] }
    if let members = (try? JSONValue(parsing: call.request.body))?.object { return members }
    let expected = #"{"name": "…", "id": "<uuid>"}"#
    call.respond(ErrorBody.response(400, "the body is no JSON object; expected is nothing, or \(expected)"))
    return nil
  }

  /// A text that may be there; where something else is, the request is answered and the result nil.
  private static func text(_ key: String, of members: [String: JSONValue], _ call: Call) -> String?? {
    guard let value = members[key], !value.isNull else { return .some(nil) }
    if let text = value.string { return .some(text) }
    call.respond(ErrorBody.response(422, "\(value.text) is no text", field: key))
    return nil
  }
}
