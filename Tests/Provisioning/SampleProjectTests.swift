import FoundationEssentials
import Provisioning
import Testing
import Workflow

@Suite struct SampleProjectTests {
  /// The project that `make run` serves.
  @Test func theSampleProjectCanBeImported() throws {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    let bytes = try Data(contentsOf: URL(filePath: "\(root)/Samples/sample-project.json"))
    let document = try JSONValue(parsing: Array(bytes))
    let project = try ProjectImport(document).applied(to: nil, foreignIDs: [], now: ImportFixture.now)
    #expect(project.workflows.count == 2)
    #expect(try ProjectImport(document).applied(to: project, foreignIDs: [], now: ImportFixture.now) == project)
    for rows in project.workflows { try rows.content.validate() }
  }
}
