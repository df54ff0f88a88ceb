import Foundation
import TestSupport
import Testing
import Workflow

extension Interop {
  /// What is probably not meant in an import, said to whoever imports.
  @Suite struct ImportWarningTests {
    /// The sample project with a third job, to which nothing leads.
    private static func lonely(_ sample: SampleWorkflow) -> JSONValue {
      var project = sample.project().object ?? [:]
      var workflow = project["workflows"]?.array?.first?.object ?? [:]
      workflow["jobs"] = .array(
        (workflow["jobs"]?.array ?? []) + [["id": .string(SampleWorkflow.id()), "name": "Lonely", "body": "alone()"]])
      project["workflows"] = [.object(workflow)]
      return .object(project)
    }

    private static let warnings: JSONValue = [
      "workflows": ["Sync patients": ["jobs": ["Lonely": ["base": ["no enabled path from a trigger leads here"]]]]]
    ]

    @Test func overHTTPTheyComeBesideTheData() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let project = Self.lonely(sample)
      for (query, status) in [("?plan=1", 200), ("", 201)] {
        let answer = try await server.request("POST", "/api/provision\(query)", body: project)
        #expect(answer.status == status && answer.body["warnings"] == Self.warnings, "\(answer.body.text)")
      }
      // What is there by now is not said again of an import that leaves it alone.
      let again = try await server.request("POST", "/api/provision", body: project)
      #expect(again.status == 201 && again.body["warnings"] == [:])
    }

    @Test func theCommandLineSaysThem() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let folder = FileManager.default.temporaryDirectory
      let file = folder.appendingPathComponent("heddle-warnings-\(UUID().uuidString).json")
      let errors = file.appendingPathExtension("log")
      defer { for url in [file, errors] { try? FileManager.default.removeItem(at: url) } }
      try Data(Self.lonely(sample).serialized()).write(to: file)
      let line = "warning: workflows.Sync patients.jobs.Lonely.base: no enabled path from a trigger leads here"
      let plan = try HeddleCommand(["import", "--plan", file.path], on: server)
      #expect(try await plan.line(containing: "warning: ") == line)
      #expect(try await plan.exit() == 0)
      let made = try LineProcess(
        HeddleServer.executable, ["import", file.path, "--data-dir", server.data.path], standardError: errors)
      #expect(try await made.waitForExit() == 0, "a warning is no failure")
      #expect(try String(contentsOf: errors, encoding: .utf8).contains("heddle: \(line)"))
    }
  }
}
