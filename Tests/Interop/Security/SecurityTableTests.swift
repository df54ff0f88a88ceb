import Foundation
import Testing

/// The tables of Tests/Security.md, which say what holds which demand.
@Suite struct SecurityTableTests {
  private static let folder = Repository.root.appendingPathComponent("Tests")

  private static func rows() throws -> [(name: String, tests: [String])] {
    let text = try String(contentsOf: folder.appendingPathComponent("Security.md"), encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3, cells[0].wholeMatch(of: /[CL][0-9]+/) != nil else { return nil }
      return (cells[0], cells[2].matches(of: /`([A-Za-z0-9_]+)`/).map { String($0.1) })
    }
  }

  @Test func everyDemandHasTestsThatExist() throws {
    var functions: Set<String> = []
    let files = FileManager.default.enumerator(at: Self.folder, includingPropertiesForKeys: nil)
    for case let file as URL in files ?? FileManager.DirectoryEnumerator() where file.pathExtension == "swift" {
      for match in try String(contentsOf: file, encoding: .utf8).matches(of: /func ([A-Za-z0-9_]+)\(/) {
        functions.insert(String(match.1))
      }
    }
    let rows = try Self.rows()
    #expect(rows.map(\.name) == (1...19).map { "C\($0)" } + (1...6).map { "L\($0)" })
    for row in rows {
      #expect(!row.tests.isEmpty, "\(row.name)")
      for test in row.tests { #expect(functions.contains(test), "\(row.name): there is no test \(test)") }
    }
  }
}
