import Storage
import Workflow

/// What an editor over Phoenix channels shows around its workflow.
enum PhoenixContext {
  static func answer(_ request: PhoenixRequest) {
    read(for: request.channel, request.seat) { context in
      if let context { request.succeed(context) } else { request.fail(PhoenixRefusal("failed to handle get_context")) }
    }
  }

  static func currentUser(_ request: PhoenixRequest) {
    request.read {
      $0.readEditorContext(projectID: request.seat.projectID, userID: request.actor.id, $1)
    } _: { request, context in
      request.succeed(["current_user": context.user.map(json) ?? .null])
    }
  }

  /// Reads all of it anew; nil where it cannot be read. `body` is called on the loop.
  static func read(
    for channel: PhoenixChannel, _ seat: PhoenixChannel.Seat, _ body: @escaping (JSONValue?) -> Void
  ) {
    let gateway = channel.session.gateway
    let waiting = Confined(body)
    let (store, loop, name, projectID) = (gateway.store, gateway.loop, seat.name, seat.projectID)
    gateway.door.check(channel.session.token, .edit, .project(projectID)) { decision in
      let mayEdit = if case .allowed = decision { name.version == nil } else { false }
      store.readEditorContext(projectID: projectID, userID: seat.actor?.id) { context in
        store.readRows(name.workflowID) { rows in
          let json = try? json(context.get(), rows.get(), mayEdit: mayEdit)
          loop.execute { waiting.value(json) }
        }
      }
    }
  }

  private static func json(_ context: EditorContext, _ rows: WorkflowRows?, mayEdit: Bool) -> JSONValue {
    [
      "user": context.user.map(json) ?? .null,
      "project": context.project.map {
        ["id": .string($0.id), "name": .string($0.name), "concurrency": nil, "is_sandbox": false]
      } ?? .null,
      "config": [
        "require_email_verification": false, "kafka_triggers_enabled": true, "max_dataclip_size_bytes": 0,
      ],
      // Nothing runs here, and webhooks have no methods.
      "permissions": [
        "can_edit_workflow": .bool(mayEdit), "can_run_workflow": false, "can_write_webhook_auth_method": false,
      ],
      "latest_snapshot_lock_version": JSONValue(rows?.lockVersion),
      "project_repo_connection": context.repository.map {
        ["id": .string($0.id), "repo": .string($0.repo), "branch": .string($0.branch), "github_installation_id": nil]
      } ?? .null,
      "webhook_auth_methods": [], "workflow_template": nil, "has_read_ai_disclaimer": true,
      "experimental_features_enabled": false, "limits": .object(limits),
      "workflow": rows.flatMap { WorkflowRoutes.saved($0)["workflow"] } ?? .null,
    ]
  }

  private static func json(_ user: EditorContext.User) -> JSONValue {
    [
      "id": .string(user.id), "email": .string(user.email), "first_name": JSONValue(user.firstName),
      "last_name": JSONValue(user.lastName), "email_confirmed": true, "support_user": false,
      "inserted_at": .string(user.insertedAt),
    ]
  }

  /// By what editors call them in a context.
  static let limits: [String: JSONValue] = [
    "workflow_activation": ["allowed": true, "message": nil],
    "runs": ["allowed": false, "message": "This server runs no workflows"],
    "github_sync": ["allowed": true, "message": nil],
    "ai_assistant": ["allowed": false, "message": "This server has no assistant"],
  ]
}
