import FoundationEssentials
import Provisioning
import Testing
import Workflow

@Suite struct SampleProjectTests {
  private func document(_ name: String) throws -> JSONValue {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    return try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: "\(root)/Samples/\(name).json"))))
  }

  private func imported(_ name: String, into project: ProjectContent?) throws -> ProjectContent {
    try ProjectImport(document(name)).applied(to: project, foreignIDs: [], now: ImportFixture.now)
  }

  /// The project that `make run` serves, and its changed version, which the demo imports.
  @Test func theSampleProjectsCanBeImported() throws {
    let project = try imported("sample-project", into: nil)
    #expect(project.workflows.count == 2)
    #expect(try imported("sample-project", into: project) == project)
    let changed = try imported("sample-project-changed", into: project)
    #expect(zip(changed.workflows, project.workflows).allSatisfy { $0.content != $1.content })
    for rows in project.workflows + changed.workflows { try rows.content.validate() }
  }
}
