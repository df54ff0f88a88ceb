import Foundation
import Testing

/// The documentation's code is code that is compiled and run: every block stands, line by line, in a snippet of this
/// folder or in an example.
@Suite struct DocumentationTests {
  private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .appendingPathComponent("../../../..").standardized

  private static func files(_ folder: String, _ endings: Set<String>) -> [URL] {
    let start = root.appendingPathComponent(folder)
    let all = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? []
    return all.filter { endings.contains($0.pathExtension) }.sorted { $0.path < $1.path }
  }

  /// What has to be equal of code: its lines without indentation, imports and empty lines.
  private static func lines(of code: some StringProtocol) -> [String] {
    code.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty && !$0.hasPrefix("import ") }
  }

  private static func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

  private static func blocks(in article: String) -> [String] {
    article.components(separatedBy: "```swift\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
  }

  @Test func codeOfTheDocumentationIsCompiled() throws {
    let sources = try (Self.files("Tests/YCRDT/Documentation", ["swift"]) + Self.files("Examples/Sources", ["swift"]))
      .map { Self.lines(of: try Self.text($0)).joined(separator: "\n") }
    try #require(!sources.isEmpty)
    var blocks: [(where: String, code: String)] = []
    for file in Self.files("Sources/YCRDT/YCRDT.docc", ["md", "swift"]) + [
      Self.root.appendingPathComponent("README.md")
    ] {
      let text = try Self.text(file)
      let found = file.pathExtension == "swift" ? [text] : Self.blocks(in: text)
      blocks += found.map { (file.lastPathComponent, $0) }
    }
    #expect(blocks.count > 20)
    for (file, code) in blocks {
      let wanted = Self.lines(of: code).joined(separator: "\n")
      #expect(sources.contains { $0.contains(wanted) }, "\(file): compiled nowhere:\n\(code)")
    }
  }
}
