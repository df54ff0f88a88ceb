import Rooms
import Storage
import Workflow

/// Saving, taking back to the rows, and restoring a version, over Phoenix channels.
enum PhoenixSaving {
  // MARK: Saving

  static func save(_ request: PhoenixRequest) {
    guard request.seat.name.version == nil else { return request.fail(readOnlyView) }
    request.demand(.save) { request in
      request.channel.beginSave()
      request.ask(.save(request.actor)) { reply in finish(request, reply) }
    }
  }

  private static func finish(_ request: PhoenixRequest, _ reply: Room.Reply) {
    switch reply {
    case .saved(let rows):
      request.succeed(saved(rows))
      request.channel.endSave(rows.lockVersion)
    case .invalid(let errors):
      request.channel.endSave(nil)
      fail(request, errors)
    default:
      request.channel.endSave(nil)
      request.fail(reply.failure ?? internalError)
    }
  }

  private static func saved(_ rows: WorkflowRows) -> JSONValue {
    var members = WorkflowRoutes.saved(rows).object ?? [:]
    members["saved_at"] = .string(ISODate.now)
    return .object(members)
  }

  /// Clients look for errors of jobs by their place in the document: `jobs[0].name`.
  private static func fail(_ request: PhoenixRequest, _ errors: ValidationErrors) {
    request.ask(.read) { reply in
      guard case .live(let live) = reply else { return request.fail(reply.failure ?? internalError) }
      request.fail(RequestFailure(422, errors.flattened(as: live.content), type: "validation_error"))
    }
  }

  /// Saves, commits and pushes. Others hear of the save, also where the rest fails.
  static func saveAndSync(_ request: PhoenixRequest) {
    guard request.seat.name.version == nil else { return request.fail(readOnlyView) }
    let message = request.payload["commit_message"]?.string
    if let problem = SaveAndSync.problem(of: message) { return request.fail(problem) }
    request.demand(.save) { request in
      request.channel.beginSave()
      SaveAndSync.run(
        request.workflowID, actor: request.actor, message: message ?? "", request.channel.session.gateway
      ) { rows in
        request.channel.endSave(rows.lockVersion)
      } _: { outcome in
        finish(request, outcome)
      }
    }
  }

  private static func finish(_ request: PhoenixRequest, _ outcome: SaveAndSync.Outcome) {
    switch outcome {
    case .done(let rows, let connection, let result): request.succeed(SaveAndSync.members(rows, connection, result))
    case .notSaved(let reply): finish(request, reply)
    case .noRepository(let failure):
      request.channel.endSave(nil)
      request.fail(failure)
    case .notSynced(_, let failure):
      request.fail(RequestFailure(422, SaveAndSync.text(failure), type: "github_sync_error"))
    }
  }

  private static let readOnlyView = RequestFailure(
    422, "A saved version cannot be changed", type: "read_only_view")
  private static let internalError = RequestFailure(500, "An internal error occurred", type: "internal_error")

  // MARK: Going back

  static func reset(_ request: PhoenixRequest) {
    guard request.seat.name.version == nil else { return request.fail(readOnlyView) }
    request.demand(.reset) { request in
      request.ask(.reset(request.actor)) { reply in
        guard case .reset(let rows) = reply else { return request.fail(reply.failure ?? internalError) }
        request.succeed(["lock_version": JSONValue(rows.lockVersion), "workflow_id": .string(rows.content.id)])
      }
    }
  }

  static func restore(_ request: PhoenixRequest) {
    guard let number = request.payload["version_number"]?.integer, let version = Int32(exactly: number) else {
      return request.fail(versionNotFound(request.payload["version_number"]))
    }
    request.demand(.decide) { request in
      request.read {
        $0.readVersion(request.workflowID, Int(version), $1)
      } _: { request, rows in
        guard let rows else { return request.fail(versionNotFound(request.payload["version_number"])) }
        restore(request, rows)
      }
    }
  }

  private static func restore(_ request: PhoenixRequest, _ version: WorkflowRows) {
    let gateway = request.channel.session.gateway
    let waiting = Confined(request)
    VersionRestore(version: version, expected: request.payload["lock_version"]?.integer, actor: request.actor)
      .run(gateway.store) { [loop = gateway.loop] result in
        loop.execute {
          switch result {
          case .success(let restored):
            waiting.value.succeed(["lock_version": JSONValue(restored.rows.lockVersion)])
          case .failure(let failure): waiting.value.fail(failure)
          }
        }
      }
  }

  private static func versionNotFound(_ number: JSONValue?) -> RequestFailure {
    RequestFailure(404, "there is no version \(number?.text ?? "without a number")", type: "version_not_found")
  }
}

extension ValidationErrors {
  /// Messages by field, those of jobs, triggers and edges by their place in `content`: `jobs[0].name`.
  fileprivate func flattened(as content: WorkflowContent) -> JSONValue {
    var flat = workflow
    for (collection, byID) in entities {
      let ids =
        switch collection {
        case .jobs: content.jobs.map(\.id)
        case .triggers: content.triggers.map(\.id)
        case .edges: content.edges.map(\.id)
        }
      for (id, fields) in byID {
        let place = ids.firstIndex(of: id).map(String.init) ?? id
        for (field, messages) in fields { flat["\(collection.rawValue)[\(place)].\(field)"] = messages }
      }
    }
    return .object(flat.mapValues { .array($0.map(JSONValue.string)) })
  }
}
