import TestSupport
import Workflow

/// A server with the sample project and a sandbox of it.
final class SandboxSite {
  let site: Site
  /// The sandbox.
  let id: String
  private static let path = "/api/projects/\(SampleProject.id)"

  init(_ site: Site) throws {
    self.site = site
    let made = try site.post("\(Self.path)/sandboxes", ["name": "trial"], expecting: 201)
    id = made["data"]?["id"]?.string ?? ""
  }

  /// The id of the sandbox's workflow of this name.
  func workflow(_ name: String = "Intake") throws -> String {
    let rows = try site.database.run("select id from workflows where project_id = '\(id)' and name = '\(name)'")
    guard let id = rows.first?.first ?? nil else {
      throw TestSocket.Failure(description: "the sandbox has no workflow '\(name)'")
    }
    return id
  }

  /// The rows of the sandbox's workflow of this name.
  func rows(_ name: String = "Intake") throws -> WorkflowRows { try site.rows(workflow(name)) }

  /// Changes the sandbox's jobs of this name.
  func set(_ field: String, _ value: String, ofJob name: String) throws {
    try site.database.run("update jobs set \(field) = '\(value)' where project_id = '\(id)' and name = '\(name)'")
  }

  @discardableResult
  func merge(_ members: [String: JSONValue] = [:], plan: Bool = false, expecting status: Int = 200) throws -> JSONValue
  {
    try site.post(
      "\(Self.path)/merge\(plan ? "?plan=1" : "")",
      .object(members.merging(["source": .string(id)]) { first, _ in first }),
      expecting: status)
  }
}
