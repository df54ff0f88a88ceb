import Foundation
import Testing
import Workflow

/// A project with one workflow of its own for a test: a trigger that leads to a job, and an edge to a second job.
struct SampleWorkflow {
  let projectID = Self.id()
  let id = Self.id()
  let triggerID = Self.id()
  let firstJobID = Self.id()
  let secondJobID = Self.id()

  static let firstBody = "get('/patients');\nfn(state => state);\n"
  static let secondBody = "post('/visits', state.data);\n"

  /// The document's name.
  var document: String { "workflow:\(id)" }

  static func id() -> String { UUID().uuidString.lowercased() }

  /// Where the body of the first job is in the document.
  var body: Path { ["jobs", ["id": .string(firstJobID)], "body"] }
  var secondBody: Path { ["jobs", ["id": .string(secondJobID)], "body"] }
  var firstJob: Path { ["jobs", ["id": .string(firstJobID)]] }

  /// The project as an import describes it, with other bodies where given.
  func project(firstBody: String = Self.firstBody, secondBody: String = Self.secondBody) -> JSONValue {
    let jobs: JSONValue = [
      [
        "id": .string(firstJobID), "name": "Fetch", "adaptor": "@openfn/language-http@latest",
        "body": .string(firstBody),
      ],
      [
        "id": .string(secondJobID), "name": "Store", "adaptor": "@openfn/language-http@latest",
        "body": .string(secondBody),
      ],
    ]
    let edges: JSONValue = [
      [
        "id": .string(Self.derived(from: id, 1)), "source_trigger_id": .string(triggerID),
        "target_job_id": .string(firstJobID), "condition_type": "always", "enabled": true,
      ],
      [
        "id": .string(Self.derived(from: id, 2)), "source_job_id": .string(firstJobID),
        "target_job_id": .string(secondJobID), "condition_type": "on_job_success", "enabled": true,
      ],
    ]
    let workflow: JSONValue = [
      "id": .string(id), "name": "Sync patients", "jobs": jobs, "edges": edges,
      "triggers": [["id": .string(triggerID), "type": "webhook", "enabled": true]],
    ]
    return ["id": .string(projectID), "name": .string("clinic-\(projectID.prefix(8))"), "workflows": [workflow]]
  }

  private static func derived(from id: String, _ number: Int) -> String { id.dropLast() + "\(number)" }

  /// A new workflow on the server.
  static func imported(into server: HeddleServer) async throws -> SampleWorkflow {
    let sample = SampleWorkflow()
    try await sample.importProject(sample.project(), into: server)
    return sample
  }

  /// Imports a version of the project.
  func importProject(_ project: JSONValue, into server: HeddleServer) async throws {
    let (status, answer) = try await server.request("POST", "/api/provision", body: project)
    try #require(status == 201, "\(answer.text)")
  }

  /// The live document as the server shows it.
  func live(on server: HeddleServer) async throws -> JSONValue {
    let (status, answer) = try await server.request("GET", "/api/workflows/\(id)")
    try #require(status == 200, "\(answer.text)")
    return answer
  }
}

/// Clients that are connected to one document.
extension ScriptedClient {
  /// A client that is connected and has everything.
  static func joined(
    _ kind: Kind, _ sample: SampleWorkflow, on server: HeddleServer, version: Int? = nil
  ) async throws -> ScriptedClient {
    let client = try ScriptedClient(kind)
    try await client.open(server.collab, sample.document + (version.map { ":v\($0)" } ?? ""))
    try await client.wait(.synced())
    return client
  }
}
