import Foundation
import Testing

/// Who wrote what, through the whole server, against a log that the test keeps by itself.
@Suite struct BlameTests {
  /// So many seeds; the long runs take more.
  private static let seeds: ClosedRange<UInt64> = 1...(getenv("HEDDLE_TEST_LONG") == nil ? 4 : 60)

  @Test(arguments: seeds)
  func g18_blameIsWhatTheLogOfOperationsSays(seed: UInt64) throws {
    var story = try BlameStory(seed: seed)
    try story.check("at the beginning")
    for step in 0..<80 {
      try story.step()
      if step % 8 == 7 { try story.check("step \(step)") }
    }
    try story.check("at the end")
    #expect(try story.keptRanges > 0, "seed \(seed): the log was dropped on the way")
  }
}
