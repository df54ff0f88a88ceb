import Glibc
import Provisioning
import Storage
import Workflow

/// `/api/provision` and `/hooks/imported`: how workflows get in and out.
enum ProvisionRoutes {
  /// Writes a project document to the rows, or plans that, or does what was planned. The documents of its workflows follow on
  /// their own, as after any writer.
  static func importProject(_ call: Call) {
    if let plan = call.request.queryValue("plan") {
      guard call.request.queryValue("if_editing") == nil else {
        let message = "does not go together with plan, which holds for the unsaved edits that it was made with"
        return call.respond(ErrorBody.response(422, message, field: "if_editing"))
      }
      return PlanRoutes.answer(call, plan)
    }
    guard let policy = EditingPolicy(rawValue: call.request.queryValue("if_editing") ?? "merge") else {
      let known = EditingPolicy.allCases.map(\.rawValue).joined(separator: ", ")
      return call.respond(ErrorBody.response(422, "is one of \(known)", field: "if_editing"))
    }
    let context = ImportContext(call)
    context.withSource { source in
      context.withProvenance(.importing, of: source.document.projectID) { provenance in
        switch policy {
        case .merge:
          context.store.importProject(source.document, provenance: provenance) {
            context.respond(response(toImport: $0, of: source))
          }
        case .refuse: PatientImport(source, provenance, context, limit: .zero).begin()
        case .wait: PatientImport(source, provenance, context, limit: context.waitLimit).begin()
        }
      }
    }
  }

  static func response(
    toImport result: Result<ProjectUpdate, ImportFailure>, of source: ImportSource? = nil
  ) -> HTTPResponse {
    switch result {
    case .success(let update):
      let body: JSONValue = ["data": update.project.exported, "warnings": update.warnings.json]
      var response = HTTPResponse.json(201, body.serialized())
      response.headers.append((name: "location", value: "/api/provision/\(update.project.id)"))
      return response
    case .failure(let failure): return source?.response(to: failure) ?? failure.response
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
    let mentioned = Set(ids.map { $0.lowercased() })
    let (waiting, respond) = (Confined(call), call.respondLater)
    call.clearance.decide(.notify, mentioned.sorted().map { .workflow($0) }) { [loop = call.gateway.loop] decision in
      if case .refused(let refusal) = decision { return respond(refusal.response) }
      loop.execute { lookAt(mentioned, waiting.value) }
      respond(.json(202, JSONValue.object(["workflow_ids": .array(ids.map(JSONValue.string))]).serialized()))
    }
  }

  private static func lookAt(_ mentioned: Set<String>, _ call: Call) {
    let directory = Confined(call.gateway.directory)
    call.gateway.store.staleDocuments { [loop = call.gateway.loop] result in
      let stale = ((try? result.get()) ?? []).filter(mentioned.contains)
      loop.execute { for id in stale { directory.value.rowsChanged(id) } }
    }
  }
}
