import Glibc
import Provisioning
import Storage
import Workflow

/// `/api/provision` and `/hooks/imported`: how workflows get in and out.
enum ProvisionRoutes {
  /// Who imports when nobody says who it is.
  private static let provenance = Provenance(.importing, actor: Actor(type: "api"))

  /// Writes a project document to the rows, or plans that, or does what was planned. The documents of its workflows follow on
  /// their own, as after any writer.
  static func importProject(_ call: Call) {
    if let plan = call.request.queryValue("plan") {
      guard call.request.queryValue("if_editing") == nil else {
        let message = "does not go together with plan, which holds for the unsaved edits that it was made with"
        return call.respond(ErrorBody.response(422, message, field: "if_editing"))
      }
      return PlanRoutes.answer(call, plan, provenance)
    }
    guard let policy = EditingPolicy(rawValue: call.request.queryValue("if_editing") ?? "merge") else {
      let known = EditingPolicy.allCases.map(\.rawValue).joined(separator: ", ")
      return call.respond(ErrorBody.response(422, "is one of \(known)", field: "if_editing"))
    }
    let context = ImportContext(call, provenance)
    context.withDocument { document in
      let document = ProjectImport(document)
      switch policy {
      case .merge:
        context.store.importProject(document, provenance: provenance) { context.respond(response(toImport: $0)) }
      case .refuse: PatientImport(document, context, limit: .zero).begin()
      case .wait: PatientImport(document, context, limit: context.waitLimit).begin()
      }
    }
  }

  static func response(toImport result: Result<ProjectContent, ImportFailure>) -> HTTPResponse {
    switch result {
    case .success(let project):
      var response = HTTPResponse.json(201, JSONValue.object(["data": project.exported]).serialized())
      response.headers.append((name: "location", value: "/api/provision/\(project.id)"))
      return response
    case .failure(let failure): return failure.response
    }
  }

  static func readProject(_ call: Call) {
    guard let id = call.identifier("project") else { return }
    let respond = call.respondLater
    call.gateway.store.readProject(id) { result in
      switch result {
      case .success(let project?):
        respond(.json(200, JSONValue.object(["data": project.exported]).serialized()))
      case .success(nil): respond(ErrorBody.response(404, "there is no project \(id)"))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  /// Something else wrote these workflows to the rows. The database said so already; this makes it certain.
  static func imported(_ call: Call) {
    guard case .object(let body)? = try? JSONValue(parsing: call.request.body),
      let ids = body["workflow_ids"]?.array?.map({ $0.string ?? "" }), ids.allSatisfy(DocumentName.isUUID)
    else {
      return call.respond(
        ErrorBody.response(422, "a list of uuids is expected, as in {\"workflow_ids\": [\"…\"]}", field: "workflow_ids")
      )
    }
    let directory = Confined(call.gateway.directory)
    let mentioned = Set(ids.map { $0.lowercased() })
    call.gateway.store.staleDocuments { [loop = call.gateway.loop] result in
      let stale = ((try? result.get()) ?? []).filter(mentioned.contains)
      loop.execute { for id in stale { directory.value.rowsChanged(id) } }
    }
    call.respond(.json(202, JSONValue.object(["workflow_ids": .array(ids.map(JSONValue.string))]).serialized()))
  }
}
