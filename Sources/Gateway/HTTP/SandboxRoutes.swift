import Provisioning
import Storage
import Workflow

/// `/api/projects/<id>/sandboxes` and `…/merge`: copies of projects to try things in, and how they come back.
enum SandboxRoutes {
  static func list(_ call: Call) {
    guard let id = call.identifier("project") else { return }
    let viewer = ProjectRoutes.viewer(call.token?.credential.subject, call.access?.actor)
    let respond = call.respondLater
    call.gateway.store.listSandboxes(of: id, for: viewer) { result in
      switch result {
      case .success(let sandboxes):
        respond(.json(200, JSONValue.object(["data": .array(sandboxes.map(\.json))]).serialized()))
      case .failure(let error): respond(ErrorBody.response(503, "\(error)"))
      }
    }
  }

  /// Copies the project as it is saved.
  static func make(_ call: Call) {
    guard let id = call.identifier("project") else { return }
    let (context, actor) = (ImportContext(call), call.actor)
    context.withDocument { body in
      guard let name = body["name"]?.string else {
        return context.respond(ErrorBody.response(422, #"a name is expected, as in {"name": "…"}"#, field: "name"))
      }
      if let problem = ProjectName.problem(with: name) {
        return context.respond(ErrorBody.response(422, problem, field: "name"))
      }
      context.store.copyAsSandbox(id, name: name, actor: actor) { result in
        switch result {
        case .success(let project?): context.respond(made(project))
        case .success(nil): context.respond(ErrorBody.response(404, "there is no project \(id)"))
        case .failure(let error): context.respond(Store.importFailure(error).response)
        }
      }
    }
  }

  private static func made(_ project: ProjectContent) -> HTTPResponse {
    let data = JSONValue.object(
      (project.exported.object ?? [:]).merging(["parent_id": JSONValue(project.parentID)]) { $1 })
    var response = HTTPResponse.json(201, JSONValue.object(["data": data]).serialized())
    response.headers.append((name: "location", value: "/api/provision/\(project.id)"))
    return response
  }

  // MARK: Merging

  /// Merges a sandbox into the project, or says what that would do.
  static func merge(_ call: Call) {
    guard let target = call.identifier("project") else { return }
    let plan = call.request.queryValue("plan")
    guard plan == nil || plan == "1" else {
      return call.respond(ErrorBody.response(422, "is 1, or not there", field: "plan"))
    }
    let (context, actor) = (ImportContext(call), call.actor)
    context.withDocument { body in
      guard let request = request(body, into: target, context) else { return }
      // Who may merge into the project has to be somebody in the sandbox as well.
      context.clearance.decide(.merge, [.project(request.sourceID)]) { decision in
        if case .refused(let refusal) = decision { return context.respond(refusal.response) }
        if plan != nil { self.plan(request, actor, context) } else { self.merge(request, actor, context) }
      }
    }
  }

  private static func merge(_ request: SandboxMergeRequest, _ actor: Actor, _ context: ImportContext) {
    context.store.merge(request, policy: context.policy, actor: actor) { result in
      switch result {
      case .success(let update?):
        context.respond(.json(200, JSONValue.object(["data": update.merged]).serialized()))
      case .success(nil): context.respond(missing(request))
      case .failure(let error): context.respond(refusal(error))
      }
    }
  }

  private static func plan(_ request: SandboxMergeRequest, _ actor: Actor, _ context: ImportContext) {
    context.store.planMerge(request, policy: context.policy, actor: actor) { result in
      switch result {
      case .success(let plan?): context.respond(.json(200, JSONValue.object(["data": plan.json]).serialized()))
      case .success(nil): context.respond(missing(request))
      case .failure(let error): context.respond(refusal(error))
      }
    }
  }

  private static func missing(_ request: SandboxMergeRequest) -> HTTPResponse {
    ErrorBody.response(404, "there is no project \(request.sourceID), or none \(request.targetID)")
  }

  private static func refusal(_ error: any Error) -> HTTPResponse {
    if let error = error as? SandboxError { return ErrorBody.response(422, errors: error.json) }
    return Store.importFailure(error).response
  }

  /// What the body asks for; where it is wrong, the request is answered and the result nil.
  private static func request(
    _ body: JSONValue, into target: String, _ context: ImportContext
  ) -> SandboxMergeRequest? {
    guard let source = body["source"]?.string, DocumentName.isUUID(source) else {
      context.respond(ErrorBody.response(422, "the id of a sandbox is expected", field: "source"))
      return nil
    }
    var request = SandboxMergeRequest(sourceID: source.lowercased(), targetID: target)
    for field in ["workflow_ids", "deleted_workflow_ids"] {
      guard let value = body[field], !value.isNull else { continue }
      guard let ids = value.array?.map({ $0.string ?? "" }), ids.allSatisfy(DocumentName.isUUID) else {
        context.respond(ErrorBody.response(422, "a list of uuids is expected", field: field))
        return nil
      }
      let lowercased = Set(ids.map { $0.lowercased() })
      if field == "workflow_ids" { request.workflowIDs = lowercased } else { request.deletedWorkflowIDs = lowercased }
    }
    return request
  }
}

extension SandboxSummary {
  /// The sandbox as it goes over HTTP.
  public var json: JSONValue {
    [
      "id": .string(id), "name": .string(name), "description": JSONValue(description), "parent_id": .string(parentID),
      "workflows": JSONValue(workflowCount), "inserted_at": .string(insertedAt),
    ]
  }
}

extension ProjectUpdate {
  /// What a merge did, as it goes over HTTP: the workflows that it changed, or that have conflicts from it.
  public var merged: JSONValue {
    let touched = Set(changedWorkflowIDs).union(conflicts.keys)
    let workflows = project.workflows.filter { touched.contains($0.content.id) }.map { workflow in
      JSONValue.object([
        "id": .string(workflow.content.id), "name": .string(workflow.content.name),
        "lock_version": JSONValue(workflow.lockVersion), "action": .string(action(workflow)),
        "conflicts": .array((conflicts[workflow.content.id] ?? []).map { .string("\($0.id)") }),
      ])
    }
    return ["project": .string(project.id), "workflows": .array(workflows)]
  }

  private func action(_ workflow: WorkflowRows) -> String {
    guard changedWorkflowIDs.contains(workflow.content.id) else { return "none" }
    return workflow.deletedAt != nil ? "delete" : newWorkflowIDs.contains(workflow.content.id) ? "create" : "change"
  }
}

extension SandboxMergePlan {
  /// The plan as it goes over HTTP: that of an import, with the conflicts between both sides.
  public var json: JSONValue {
    let merged = conflicts.mapValues { JSONValue.array($0.map(\.planned)) }
    return .object((plan.json.object ?? [:]).merging(["merge_conflicts": .object(merged)]) { $1 })
  }
}
