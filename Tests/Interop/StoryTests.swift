import TestSupport
import Testing

/// The story that `make story` tells, so that it stays true.
@Suite struct StoryTests {
  @Test func theStoryIsTrue() async throws {
    let story = try LineProcess(
      "/usr/bin/env", ["python3", "Scripts/story"], environment: ["HEDDLE": HeddleServer.executable],
      directory: Repository.root)
    let status = try await story.waitForExit(limit: .seconds(180))
    #expect(status == 0, "\(story.progress.current.lines.suffix(30).joined(separator: "\n"))")
  }
}
