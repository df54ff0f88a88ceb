import Foundation
import TestSupport
import Testing
import Workflow

/// `heddle import`, `heddle export` and `heddle diff` with files and folders in every format.
@Suite struct ProjectFileCommandTests {
  @Test(arguments: ["json", "v1", "v2", "v2-expressions"])
  func anExportIsTheSameEveryTimeAndChangesNothingWhenItIsImported(format: String) async throws {
    try await Desk.with { desk in
      for name in ["one", "two"] {
        let answer = try await desk.heddle("export", "--format", format, "--output", desk.path(name))
        #expect(answer.exit == 0, "\(answer.errors)")
      }
      #expect(try desk.read("one") == desk.read("two"))
      let imported = try await desk.heddle("import", desk.path("one"))
      #expect(imported.exit == 0 && imported.output.hasSuffix("none changed"), "\(imported)")
      let difference = try await desk.heddle("diff", "--exit-code", desk.path("one"))
      #expect(difference.exit == 0 && difference.output.contains("nothing changes"), "\(difference)")
    }
  }

  @Test(arguments: ["v1", "v2"])
  func aFolderHasTheCodeInFilesOfItsOwnAndIsReadByItsConfigFile(format: String) async throws {
    try await Desk.with { desk in
      let folder = desk.path("repository")
      let first = try await desk.heddle("export", "--folder", folder, "--format", format, "--json")
      let written = try #require(try JSONValue(parsing: first.output)["written"]?.array).compactMap(\.string)
      #expect(written.count == 3 + 6, "project, state and config, and one file for each job: \(written)")
      let again = try await desk.heddle("export", "--folder", folder, "--format", format, "--json")
      #expect(try JSONValue(parsing: again.output)["written"] == [], "what is the same is not touched")
      let body = try #require(written.first { $0.contains("find-patient") })
      try "get('/patients');\n".write(toFile: body, atomically: true, encoding: .utf8)
      let difference = try await desk.heddle("diff", "--exit-code", folder)
      #expect(difference.exit == 2)
      #expect(difference.output.contains("~ jobs/Find patient/body:"), "\(difference.output)")
      #expect(difference.output.contains("\n  +get('/patients');\n") && difference.output.contains("\n  -get("))
      let imported = try await desk.heddle("import", folder)
      #expect(imported.exit == 0 && imported.output.hasSuffix("2 workflows, 1 changed"), "\(imported)")
      let after = try await desk.heddle("export", "--folder", folder, "--format", format, "--json")
      #expect(try JSONValue(parsing: after.output)["written"] == [])
    }
  }

  @Test func allThatIsWrongIsSaidWithItsPlaceAndNothingIsWritten() async throws {
    try await Desk.with { desk in
      try desk.write(
        """
        name: clinic-reports
        workflows:
          register-patients:
            name: Register patients
            jobs:
              check:
                name: a/b
                adaptor: '@openfn/language-common@latest'
                body: fn()
              later:
                name: later
                adaptr: x
                body: fn()

        """, to: "wrong.yaml")
      let answer = try await desk.heddle("import", desk.path("wrong.yaml"))
      #expect(answer.exit == 1)
      #expect(answer.errors.contains("wrong.yaml:12:9"), "\(answer.errors)")
      #expect(answer.errors.contains("adaptor"), "it says what would be right")
      try desk.write(try desk.read("wrong.yaml").replacingOccurrences(of: "adaptr", with: "adaptor"), to: "wrong.yaml")
      let second = try await desk.heddle("import", desk.path("wrong.yaml"))
      #expect(second.exit == 1 && second.errors.contains("wrong.yaml:7:"), "\(second.errors)")
      #expect(second.errors.contains("job name has invalid format"))
      let imported = try await desk.heddle(
        "diff", "--exit-code", Repository.root.appendingPathComponent("Samples/sample-project.json").path)
      #expect(imported.exit == 0, "nothing was written")
    }
  }

  @Test func aPlanOfAYAMLFileKeepsTheIdsThatItWasMadeWith() async throws {
    try await Desk.with { desk in
      _ = try await desk.heddle("export", "--format", "v1", "--output", desk.path("project.yaml"))
      try desk.write(
        try desk.read("project.yaml").replacingOccurrences(of: "name: Find patient", with: "name: Look a patient up"),
        to: "project.yaml")
      let made = try await desk.heddle("import", "--plan", "--json", desk.path("project.yaml"))
      let plan = try JSONValue(parsing: made.output)
      let changes = try #require(plan["data"]?["workflows"]?.array?.first?["changes"]?.array)
      #expect(
        changes.count == 1 && changes[0]["kind"] == "changed",
        "a job that is renamed stays the same job: \(made.output)")
      let id = try #require(plan["plan"]?.string)
      let applied = try await desk.heddle("import", "--apply-plan", id)
      #expect(applied.exit == 0, "\(applied.errors)")
      let difference = try await desk.heddle("diff", "--exit-code", desk.path("project.yaml"))
      #expect(difference.exit == 0, "\(difference.output)")
    }
  }

  @Test func aNameThatNobodyHasMakesAProjectAndAWorkflowAloneNeedsOne() async throws {
    try await Desk.with { desk in
      _ = try await desk.heddle("export", "--format", "v2", "--output", desk.path("project.yaml"))
      try desk.write(
        try desk.read("project.yaml").replacingOccurrences(of: "clinic-reports", with: "another-one"),
        to: "project.yaml")
      let made = try await desk.heddle("import", desk.path("project.yaml"))
      #expect(made.exit == 0 && made.output.contains("'another-one', 2 workflows, 2 changed"), "\(made)")
      let unclear = try await desk.heddle("export")
      #expect(unclear.exit == 1 && unclear.errors.contains("'another-one', 'clinic-reports'"), "\(unclear.errors)")
      try desk.write("name: alone\njobs:\n  a:\n    name: a\n    body: fn()\n", to: "workflow.yaml")
      let homeless = try await desk.heddle("import", desk.path("workflow.yaml"))
      #expect(homeless.exit == 1 && homeless.errors.contains("--project"), "\(homeless.errors)")
      let housed = try await desk.heddle("import", "--project", "another-one", desk.path("workflow.yaml"))
      #expect(housed.exit == 0 && housed.output.contains("3 workflows, 1 changed"), "\(housed)")
    }
  }
}
