import Rooms
import Workflow

/// What editors ask for of which Heddle has nothing: runs, ways to sign in to webhooks, templates, and the list of all adaptors.
/// Questions get what is true: there are none.
enum PhoenixAbsences {
  static func answer(_ request: PhoenixRequest) {
    switch request.message.event {
    case "request_adaptors": request.succeed(["adaptors": []])
    case "request_history": request.succeed(["history": []])
    case "list_templates": request.succeed(["templates": []])
    case "request_run_steps": request.fail(PhoenixRefusal("run_not_found"))
    case "request_metadata": metadata(request)
    case "request_trigger_auth_methods": authMethods(request)
    case "update_trigger_auth_methods": updateAuthMethods(request)
    case let event:
      request.fail(RequestFailure(501, "'\(event)' is nothing that this server does", type: "unsupported_event"))
    }
  }

  private static func metadata(_ request: PhoenixRequest) {
    withContent(request) { content in
      let id = request.payload["job_id"]?.string
      let isKnown = content.jobs.contains { $0.id == id }
      request.succeed([
        "job_id": JSONValue(id), "metadata": ["error": .string(isKnown ? "no_metadata_function" : "job_not_found")],
      ])
    }
  }

  private static func authMethods(_ request: PhoenixRequest) {
    withTrigger(request) { id in request.succeed(["trigger_id": .string(id), "webhook_auth_methods": []]) }
  }

  /// There are no methods, so that a trigger can be given none of them.
  private static func updateAuthMethods(_ request: PhoenixRequest) {
    request.demand(.edit) { request in
      withTrigger(request) { id in
        guard request.payload["auth_method_ids"]?.array?.isEmpty == true else {
          return request.fail(PhoenixRefusal("validation failed"))
        }
        request.succeed(["success": true])
        request.channel.session.gateway.topics.broadcast(
          "trigger_auth_methods_updated", ["trigger_id": .string(id), "webhook_auth_methods": []],
          in: request.message.topic)
      }
    }
  }

  private static func withTrigger(_ request: PhoenixRequest, _ body: @escaping (String) -> Void) {
    withContent(request) { content in
      let id = request.payload["trigger_id"]?.string
      guard let trigger = content.triggers.first(where: { $0.id == id }) else {
        return request.fail(PhoenixRefusal("trigger not found"))
      }
      body(trigger.id)
    }
  }

  private static func withContent(_ request: PhoenixRequest, _ body: @escaping (WorkflowContent) -> Void) {
    request.ask(.read) { reply in
      guard case .live(let live) = reply else {
        return request.fail(PhoenixRefusal("failed to handle \(request.message.event)"))
      }
      body(live.content)
    }
  }
}
