import Foundation
import FuzzTargets
import TestSupport
import Testing

/// What the fuzzers found worth keeping, and what once broke something, goes through the same entry points.
@Suite struct CorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Fuzz/Corpus").standardized

  @Test(arguments: FuzzTarget.allCases) func keptInputsAreHarmless(target: FuzzTarget) throws {
    let folder = Self.folder.appendingPathComponent(target.rawValue)
    let files = names(inFolder: folder.path)
    #expect(!files.isEmpty)
    for file in files {
      let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(file)))
      #expect(throws: Never.self, "\(target.rawValue)/\(file)") { try target.run(bytes) }
    }
  }
}
