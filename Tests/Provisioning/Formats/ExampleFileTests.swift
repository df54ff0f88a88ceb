import Testing
import Workflow

@testable import Provisioning

/// Files as they exist in the field, of both generations and dialects.
@Suite struct ExampleFileTests {
  private typealias F = FormatFixture

  static let examples = [
    "v1/project.yaml", "v1/workflow.yaml", "v1/kafka.yaml", "v2/project.yaml", "v2/workflow.yaml", "v2/triggers.yaml",
    "deployed/project.yaml",
  ]

  @Test(arguments: examples) func anImportedExampleIsValidAndImportsAgainWithoutChange(path: String) throws {
    let file = try F.example(path)
    let project = try F.imported(file)
    for rows in project.workflows { try rows.content.validate() }
    #expect(try F.imported(file, into: project) == project)
  }

  @Test(arguments: examples, ProjectFormat.allCases) func anExportOfAnExampleImportsWithoutChange(
    path: String, format: ProjectFormat
  ) throws {
    let project = try F.imported(F.example(path))
    let text = try ProjectExport(project).text(as: format)
    #expect(try ProjectExport(project).text(as: format) == text)
    let file = try F.parse(text, named: format == .json ? "p.json" : "p.yaml")
    #expect(try F.imported(file, into: project) == project)
    // And into nothing it says the same.
    #expect(try F.imported(file).byNames == project.byNames)
    if format != .json {
      let again = try F.imported(file)
      #expect(try ProjectExport(again).text(as: format) == text)
    }
  }

  @Test(arguments: [
    ("v1/project.yaml", ProjectFormat.v1, false), ("v1/workflow.yaml", .v1, true), ("v2/project.yaml", .v2, false),
    ("v2/workflow.yaml", .v2Expressions, true), ("v2/triggers.yaml", .v2, false),
  ]) func theFormatIsFoundOut(path: String, format: ProjectFormat, isSingle: Bool) throws {
    let file = try F.example(path)
    #expect(file.format == format)
    #expect(file.isSingleWorkflow == isSingle)
  }

  @Test(arguments: ["project", "workflow"]) func bothGenerationsOfAFileSayTheSame(name: String) throws {
    let one = try F.imported(F.example("v1/\(name).yaml"))
    let other = try F.imported(F.example("v2/\(name).yaml"))
    #expect(one.byNames == other.byNames)
    // The one can take the other's place.
    #expect(try F.imported(F.example("v2/\(name).yaml"), into: one) == one)
    #expect(try F.imported(F.example("v1/\(name).yaml"), into: other) == other)
  }

  @Test func whatTheKitchenSinkSaysIsRead() throws {
    let content = try F.imported(F.example("v2/workflow.yaml")).workflows[0].content
    let triggers = Dictionary(uniqueKeysWithValues: content.triggers.map { ($0.type, $0) })
    let jobs = Dictionary(uniqueKeysWithValues: content.jobs.map { ($0.name, $0) })
    #expect(triggers["cron"]?.cronExpression == "15 5 * * 1")
    #expect(triggers["cron"]?.cronCursorJobID == jobs["fetch"]?.id)
    #expect(triggers["cron"]?.enabled == false)
    #expect(triggers["webhook"]?.webhookReply == "after_completion")
    #expect(
      triggers["kafka"]?.kafkaConfiguration == [
        "hosts_string": "broker.example:9092, broker.example:9093", "topics_string": "stock, returns",
        "initial_offset_reset_policy": "earliest", "connect_timeout": 20,
      ])
    let label = content.edges.first { $0.conditionLabel != nil }
    #expect(label?.conditionExpression == "state.low.length > 0 && !state.errors\n")
    #expect(label?.enabled == false)
    #expect(
      content.edges.filter { $0.sourceJobID == jobs["fetch"]?.id }.map(\.conditionType).sorted() == [
        "on_job_failure", "on_job_success",
      ])
  }

  @Test func aSingleWorkflowNeedsAProject() throws {
    let file = try F.example("v1/workflow.yaml")
    let document = ProjectImport(file: file, projectID: F.project)
    do throws(ImportErrors) {
      _ = try document.applied(to: nil, foreignIDs: [], now: F.now)
      Issue.record("imported into nothing")
    } catch {
      #expect(
        document.problems(error).problems.map(\.message).contains(
          "a single workflow is imported into a project that exists"))
    }
  }

  @Test func aWorkflowAloneIsExportedAsAFileOfItsOwn() throws {
    let project = try F.imported(F.example("v1/project.yaml"))
    for format in [ProjectFormat.v1, .v2, .v2Expressions] {
      let text = try #require(try ProjectExport(project).text(ofWorkflow: project.workflows[0].content.id, as: format))
      let file = try F.parse(text)
      #expect(file.isSingleWorkflow)
      #expect(try F.imported(file, into: project) == project)
    }
    #expect(try ProjectExport(project).text(ofWorkflow: F.project, as: .v1) == nil)
  }
}
