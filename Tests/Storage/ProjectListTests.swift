import TestSupport
import Testing

@testable import Storage

/// Lists of projects.
@Suite struct ProjectListTests {
  private static let other = "22222222-2222-4222-8222-22222222222f"

  @Test func pagesFollowTheNamesWithoutRegardToCase() throws {
    let address = try TestStore.sampleDatabase()
    let store = TestStore.start(address)
    try PlainConnection(address).run("insert into projects (id, name) values ('\(Self.other)', 'Zebra')")
    let first = try store.wait { store.listProjects(limit: 1, $0) }
    #expect(first.map(\.name) == ["sample"])
    #expect(first[0].workflows.map(\.id) == [SampleProject.workflow])
    #expect(first[0].workflows[0].jobCount == 2)
    #expect(first[0].workflows[0].presence == nil)
    let second = try store.wait { store.listProjects(after: first[0].id, limit: 1, $0) }
    #expect(second == [ProjectSummary(id: Self.other, name: "Zebra", description: nil, workflows: [])])
    #expect(try store.wait { store.listProjects(after: Self.other, limit: 1, $0) } == [])
  }

  @Test func aWorkflowThatWasNeverSavedIsThere() throws {
    let store = TestStore.start(try TestStore.sampleDatabase())
    let id = Store.newWorkflowID()
    _ = try store.wait { store.openNew(id, in: SampleProject.id, name: "Brand new", by: .member, $0) }
    let workflows = try #require(try store.wait { store.listProjects(limit: 1, $0) }.first).workflows
    #expect(workflows.map(\.isNew) == [true, false])
    #expect(workflows[0].id == id && workflows[0].name == "Brand new" && workflows[0].lockVersion == 0)
  }
}
