import Testing
import Workflow

@Suite struct DocumentNameTests {
  private let id = "3f2b8f0a-0000-4000-8000-00000000000a"

  @Test func liveDocumentsAndSavedVersions() throws {
    let live = try #require(DocumentName("workflow:\(id)"))
    #expect(live.workflowID == id && live.version == nil)
    let version = try #require(DocumentName("workflow:\(id.uppercased()):v12"))
    #expect(version.workflowID == id && version.version == 12)
    #expect(live.description == "workflow:\(id)")
    #expect(version.description == "workflow:\(id):v12")
  }

  @Test(arguments: [
    "", "workflow", "workflow:", "workflow:x", "project:3f2b8f0a-0000-4000-8000-00000000000a",
    "workflow:3f2b8f0a-0000-4000-8000-00000000000a:", "workflow:3f2b8f0a-0000-4000-8000-00000000000a:v",
    "workflow:3f2b8f0a-0000-4000-8000-00000000000a:3", "workflow:3f2b8f0a-0000-4000-8000-00000000000a:v-1",
    "workflow:3f2b8f0a-0000-4000-8000-00000000000a:v1:x",
    "workflow:3f2b8f0a-0000-4000-8000-00000000000a:v99999999999999999999",
    "workflow:3f2b8f0a00004000800000000000000a", "workflow:3f2b8f0a-0000-4000-8000-00000000000g",
  ])
  func othersAreNone(text: String) {
    #expect(DocumentName(text) == nil)
  }
}
