public import Workflow

/// Why a sandbox cannot be merged as asked. Nothing was written.
public enum SandboxError: Error, Hashable, Sendable {
  /// The project is no sandbox of the one that it is to be merged into.
  case unrelated
  /// There is no such workflow in the project that this field speaks of.
  case unknownWorkflow(String, field: String)
  /// What is merged into is to be deleted as well.
  case mergedAndDeleted(String)
  /// Credentials that the target lacks and whoever merges may not attach, by name and owner.
  case foreignCredentials([ProjectCredential])
  /// What would come of it is no valid workflow, by name.
  case invalid([String: ValidationErrors])

  /// Nested as the errors of an import are.
  public var json: JSONValue {
    switch self {
    case .unrelated:
      ["source": ["is not a sandbox of this project: only what began as a copy of it can be merged into it"]]
    case .unknownWorkflow(let id, let field):
      [
        field: [
          .string(
            "'\(id)' is no workflow of the \(field == "workflow_ids" ? "sandbox" : "project that it is merged into")")
        ]
      ]
    case .mergedAndDeleted(let name):
      ["deleted_workflow_ids": [.string("'\(name)' is to be merged into as well: leave it out of one of the lists")]]
    case .foreignCredentials(let credentials):
      [
        "project_credentials": .array(
          credentials.map {
            .string("'\($0.name)' is not attached to the project: its owner \($0.owner) has to attach it first")
          })
      ]
    case .invalid(let workflows): ["workflows": .object(workflows.mapValues(\.json))]
    }
  }
}
