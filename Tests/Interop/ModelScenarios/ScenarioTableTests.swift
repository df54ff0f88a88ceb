import Foundation
import Testing

/// The table of Tests/Guarantees.md that says which test proves which scenario of the model system.
@Suite struct ScenarioTableTests {
  private struct Row {
    let number: Int
    let tests: [String]
  }

  private static let folder = Repository.root.appendingPathComponent("Tests")

  private static func rows() throws -> [Row] {
    let text = try String(contentsOf: folder.appendingPathComponent("Guarantees.md"), encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3, cells[0].first == "S", let number = Int(cells[0].dropFirst()) else { return nil }
      let tests = cells[2].split(separator: ",").map {
        $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
      }
      return Row(number: number, tests: tests)
    }
  }

  /// The names of all functions in the tests.
  private static func functions() throws -> Set<String> {
    var names: Set<String> = []
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    for case let file as URL in files ?? FileManager.DirectoryEnumerator() where file.pathExtension == "swift" {
      for match in try String(contentsOf: file, encoding: .utf8).matches(of: /func ([A-Za-z0-9_]+)\(/) {
        names.insert(String(match.1))
      }
    }
    return names
  }

  @Test func everyScenarioHasATestThatExists() throws {
    let (rows, functions) = (try Self.rows(), try Self.functions())
    #expect(rows.map(\.number) == Array(1...112))
    for row in rows {
      #expect(!row.tests.isEmpty, "S\(row.number)")
      for test in row.tests { #expect(functions.contains(test), "S\(row.number): there is no test \(test)") }
    }
    for function in functions where function.firstMatch(of: /^s[0-9]{2,3}_/) != nil {
      let number = Int(function.dropFirst().prefix { $0.isNumber })
      #expect(rows.contains { $0.number == number && $0.tests.contains(function) }, "\(function) is not in the table")
    }
  }
}
