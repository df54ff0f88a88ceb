import Storage
import Workflow

/// What a client of Phoenix channels can look up.
enum PhoenixLookups {
  /// How many versions a client is told of: the newest. More there are over HTTP, page by page.
  private static let maximumVersions = 200

  static func versions(_ request: PhoenixRequest) {
    request.read {
      $0.readVersions(request.workflowID, limit: maximumVersions, $1)
    } _: { request, versions in
      request.succeed(["versions": .array(versions.map(json))])
    }
  }

  private static func json(_ version: VersionRecord) -> JSONValue {
    [
      "lock_version": JSONValue(version.lockVersion), "inserted_at": .string(version.savedAt),
      "is_latest": .bool(version.isLatest),
    ]
  }

  /// A name that the workflow can have, like the one it is given.
  static func freeName(_ request: PhoenixRequest) {
    guard var workflow = request.payload["workflow"]?.object else {
      return request.fail(PhoenixRefusal("workflow is required: {\"name\": …}"))
    }
    let wanted = workflow["name"]?.string ?? ""
    request.read {
      $0.freeWorkflowName(wanted, in: request.seat.projectID, besides: request.workflowID, $1)
    } _: { request, name in
      workflow["name"] = .string(name)
      request.succeed(["workflow": .object(workflow)])
    }
  }

  static func credentials(_ request: PhoenixRequest) {
    request.read {
      $0.readJobChoices(projectID: request.seat.projectID, $1)
    } _: { request, choices in
      request.succeed([
        "credentials": [
          "project_credentials": .array(
            choices.credentials.map { ["id": .string($0.id), "name": .string($0.name), "owner": .string($0.owner)] }),
          "keychain_credentials": .array(
            choices.keychainCredentials.map { ["id": .string($0.id), "name": .string($0.name)] }),
        ]
      ])
    }
  }

  /// The adaptors that are in use. Which others there are is not known here.
  static func projectAdaptors(_ request: PhoenixRequest) {
    request.read {
      $0.readJobChoices(projectID: request.seat.projectID, $1)
    } _: { request, choices in
      let adaptors = JSONValue.array(choices.adaptors.map { ["name": .string($0)] })
      request.succeed(["project_adaptors": adaptors, "all_adaptors": adaptors])
    }
  }

  static func limit(_ request: PhoenixRequest) {
    let action = request.payload["action_type"]?.string ?? ""
    guard
      let limit = PhoenixContext.limits[
        action == "new_run" ? "runs" : action == "activate_workflow" ? "workflow_activation" : action]
    else {
      return request.fail(PhoenixRefusal("action_type is one of new_run, activate_workflow, github_sync, ai_assistant"))
    }
    request.succeed(["action_type": .string(action), "limit": limit])
  }
}
