import Foundation
import TestSupport
import Testing
import Workflow

extension Interop {
  /// Imports that are planned first, with a real client at work and from the command line.
  @Suite struct PlanTests {
    private static let typed = "// mine\n"

    /// A workflow in which somebody has typed and not saved.
    private func edited() async throws -> (server: HeddleServer, sample: SampleWorkflow, client: ScriptedClient) {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let client = try await ScriptedClient.joined(.node, sample, on: server)
      try await client.show(["user": ["name": "Ada"]])
      try await client.edit(.type(Self.typed, into: sample.body, at: 0))
      try await client.acknowledge()
      return (server, sample, client)
    }

    private func file(_ project: JSONValue) throws -> String {
      let url = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-plan-\(UUID().uuidString).json")
      try Data(project.serialized()).write(to: url)
      return url.path
    }

    private func heddle(_ arguments: [String], on server: HeddleServer) async throws -> Int32 {
      try await HeddleCommand(arguments, on: server).exit()
    }

    @Test func aPlanTellsWhomItMeetsAndIsAppliedOnce() async throws {
      let (server, sample, client) = try await edited()
      let project = sample.project(firstBody: SampleWorkflow.firstBody + "theirs();\n")
      var answer = JSONValue.null
      var workflow: JSONValue?
      try await until("the plan names who is there", state: answer.text) {
        let (status, body) = try await server.request("POST", "/api/provision?plan=1", body: project)
        try #require(status == 200, "\(body.text)")
        answer = body
        workflow = body["data"]?["workflows"]?.array?.first
        return workflow?["open"]?["names"] == ["Ada"]
      }
      #expect(workflow?["open"] == ["members": 1, "names": ["Ada"]])
      let unit: JSONValue = ["jobs", .string(sample.firstJobID), "body"]
      #expect(workflow?["action"] == "change")
      #expect(workflow?["lock_version"] == 1)
      #expect(workflow?["changes"]?.array?.map { $0["unit"] } == [unit])
      #expect(workflow?["unsaved"]?.array?.map { $0["unit"] } == [unit])
      #expect(workflow?["conflicts"]?.array?.allSatisfy { $0["unit"] == unit } == true)
      #expect(answer["data"]?["touches_unsaved_work"] == true)
      #expect(try await sample.live(on: server)["data"]?["lock_version"] == 1)

      let id = try #require(answer["plan"]?.string)
      let (status, _) = try await server.request("POST", "/api/provision?plan=\(id)")
      #expect(status == 201)
      try await client.wait(.text(at: sample.body, contains: "theirs();"))
      #expect(try await client.value(at: sample.body).string?.contains("// mine") == true)
      let again = try await server.request("POST", "/api/provision?plan=\(id)", body: project)
      #expect(again.status == 409)
      #expect(again.body["type"] == "plan_applied")
      try await client.stop()
    }

    @Test func aPlanWhoseGroundMovedIsRefusedWithAFreshOne() async throws {
      let (server, sample, client) = try await edited()
      let project = sample.project(firstBody: SampleWorkflow.firstBody + "theirs();\n")
      let plan = try await server.request("POST", "/api/provision?plan=1", body: project)
      let id = try #require(plan.body["plan"]?.string)
      // To type on where one was typing is nothing new; something else is.
      try await client.edit(.set(["workflow"], "name", "Ours"))
      try await client.acknowledge()
      let refused = try await server.request("POST", "/api/provision?plan=\(id)", body: project)
      #expect(refused.status == 409)
      #expect(refused.body["type"] == "plan_outdated")
      #expect(refused.body["data"]?["workflows"]?.array?.first?["unsaved"]?.array?.count == 2)
      let fresh = try #require(refused.body["plan"]?.string)
      try await client.edit(.type("// more\n", into: sample.body, at: 0))
      try await client.acknowledge()
      #expect(try await server.request("POST", "/api/provision?plan=\(fresh)").status == 201)
      try await client.wait(.text(at: sample.body, contains: "theirs();"))
      try await client.stop()
    }

    @Test func aPlanTellsWhichUnsavedEditsItMeets() async throws {
      let (server, sample, client) = try await edited()
      try await client.edit(.set(["workflow"], "name", "Ours"))
      try await client.acknowledge()
      func met(_ project: JSONValue) async throws -> (units: [JSONValue?], touches: JSONValue?) {
        let data = try await server.request("POST", "/api/provision?plan=1", body: project).body["data"]
        let unsaved = data?["workflows"]?.array?.first?["unsaved"]?.array ?? []
        #expect(unsaved.count == 2)
        return (unsaved.filter { $0["met"] == true }.map { $0["unit"] }, data?["touches_unsaved_work"])
      }
      let other = try await met(sample.project(secondBody: "theirs();\n"))
      #expect(other.units.isEmpty && other.touches == false)
      let same = try await met(sample.project(firstBody: SampleWorkflow.firstBody + "theirs();\n"))
      #expect(same.units == [["jobs", .string(sample.firstJobID), "body"]] && same.touches == true)
      try await client.stop()
    }

    @Test func otherRowsMakeAPlanOutdatedToo() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let plan = try await server.request("POST", "/api/provision?plan=1", body: sample.project(firstBody: "a"))
      #expect(plan.body["data"]?["touches_unsaved_work"] == false)
      try await sample.importProject(sample.project(secondBody: "b"), into: server)
      let id = try #require(plan.body["plan"]?.string)
      #expect(try await server.request("POST", "/api/provision?plan=\(id)").body["type"] == "plan_outdated")
    }

    @Test func wrongRequestsAreRefusedInPlainWords() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let wrong = sample.project(firstBody: " ")
      #expect(try await server.request("POST", "/api/provision?plan=1", body: wrong).status == 422)
      #expect(try await server.request("POST", "/api/provision?plan=nonsense", body: wrong).status == 422)
      #expect(try await server.request("POST", "/api/provision?if_editing=no", body: wrong).status == 422)
      #expect(try await server.request("POST", "/api/provision?plan=\(SampleWorkflow.id())").status == 404)
      let plan = try await server.request("POST", "/api/provision?plan=1", body: sample.project(firstBody: "a"))
      let id = try #require(plan.body["plan"]?.string)
      let other = try await server.request("POST", "/api/provision?plan=\(id)", body: sample.project(firstBody: "b"))
      #expect(other.status == 422)
      for plan in ["1", id] {
        let both = "/api/provision?plan=\(plan)&if_editing=refuse"
        let answer = try await server.request("POST", both, body: sample.project(firstBody: "a"))
        #expect(answer.status == 422)
        #expect(answer.body["errors"]?["if_editing"] != nil)
      }
    }

    @Test func anImportCanRefuseOrWaitWhereSomebodyEdits() async throws {
      let (server, sample, client) = try await edited()
      let project = sample.project(secondBody: "theirs();\n")
      let refused = try await server.request("POST", "/api/provision?if_editing=refuse", body: project)
      #expect(refused.status == 409)
      #expect(refused.body["type"] == "editing")
      #expect(refused.body["data"]?["workflows"]?.array?.first?["unsaved"]?.array?.count == 1)
      #expect(try await sample.live(on: server)["data"]?["lock_version"] == 1)
      async let waiting = server.request("POST", "/api/provision?if_editing=wait", body: project)
      #expect(try await server.request("POST", "/api/workflows/\(sample.id)/save").status == 200)
      // The import brings the first body, which was saved meanwhile, back to what it says.
      #expect(try await waiting.status == 201)
      try await client.wait(.value(at: sample.secondBody, is: "theirs();\n"))
      try await client.stop()
    }

    @Test func theCommandLineSaysByItsExitCodeWhatAnImportMeets() async throws {
      let (server, sample, client) = try await edited()
      let path = try file(sample.project(secondBody: "theirs();\n"))
      defer { try? FileManager.default.removeItem(atPath: path) }
      let plan = try HeddleCommand(["import", "--plan", path], on: server)
      _ = try await plan.line(containing: "~ jobs/Store/body")
      _ = try await plan.line(containing: "  unsaved ~ jobs/Fetch/body")
      #expect(try await plan.exit() == 0, "somebody edits in this workflow, but nothing that the import is about")
      let same = try file(sample.project(firstBody: "theirs();\n"))
      defer { try? FileManager.default.removeItem(atPath: same) }
      let meeting = try HeddleCommand(["import", "--plan", same], on: server)
      _ = try await meeting.line(containing: "  meets unsaved ~ jobs/Fetch/body")
      #expect(try await meeting.exit() == 2)
      #expect(try await heddle(["import", "--if-editing", "refuse", path], on: server) == 2)
      #expect(try await heddle(["import", "--if-editing", "wait", "--wait-limit", "0", path], on: server) == 2)
      #expect(try await sample.live(on: server)["data"]?["lock_version"] == 1)
      let patient = try HeddleCommand(["import", "--if-editing", "wait", path], on: server)
      _ = try await patient.line(containing: "waits until")
      #expect(try await server.request("POST", "/api/workflows/\(sample.id)/save").status == 200)
      #expect(try await patient.exit() == 0)
      try await client.wait(.value(at: sample.secondBody, is: "theirs();\n"))
      try await client.stop()
    }

    @Test func aPlanIsMadeAndAppliedOnTheCommandLine() async throws {
      let server = try HeddleServer.shared
      let sample = try await SampleWorkflow.imported(into: server)
      let path = try file(sample.project(firstBody: "theirs();\n"))
      defer { try? FileManager.default.removeItem(atPath: path) }
      let plan = try HeddleCommand(["import", "--plan", "--json", path], on: server)
      let made = try JSONValue(parsing: try await plan.line(containing: "{"))
      #expect(try await plan.exit() == 0)
      #expect(made["data"]?["workflows"]?.array?.first?["id"] == .string(sample.id))
      let id = try #require(made["plan"]?.string)
      #expect(try await heddle(["import", "--apply-plan", id, "--if-editing", "refuse"], on: server) == 64)
      #expect(try await heddle(["import", "--apply-plan", id], on: server) == 0)
      #expect(try await sample.live(on: server)["data"]?["jobs"]?.text.contains("theirs();") == true)
      #expect(try await heddle(["import", "--apply-plan", id], on: server) == 1)
      #expect(try await heddle(["import", "--plan", "/nonexistent"], on: server) == 1)
    }
  }
}
