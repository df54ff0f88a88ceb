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

  /// The package of the fuzzers has single files of some modules, as links. One that leads nowhere is of a file that was moved,
  /// and only warned of.
  @Test func linksOfThePackageLeadSomewhere() {
    let sources = Self.folder.appendingPathComponent("../Sources").standardized
    let modules = names(inFolder: sources.path)
    #expect(modules.contains("Gateway"))
    for module in modules {
      let folder = sources.appendingPathComponent(module).path
      for name in names(inFolder: folder) {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(name)"), "Fuzz/Sources/\(module)/\(name)")
      }
    }
  }
}
