import TestSupport
import Testing
import Workflow

@testable import Provisioning

/// Files that were made to do harm: each ends soon, with an error, and without taking much.
@Suite struct HarmfulFileTests {
  private typealias F = FormatFixture

  static let bombs: [(String, String, String)] = [
    (
      "aliases that double",
      "name: a\njobs: {}\nx: &x0 [a,a]\n"
        + (1...40).map { "x\($0): &x\($0) [*x\($0 - 1),*x\($0 - 1)]\n" }.joined(),
      "parts"
    ),
    (
      "aliases of long texts",
      "name: a\nx: &x \(String(repeating: "t", count: 100_000))\njobs: ["
        + String(repeating: "*x,", count: 1000) + "]", "bytes of text"
    ),
    ("an alias inside itself", "name: &a [*a]\njobs: {}", "there is no anchor"),
    ("flow lists in each other", "name: a\njobs: " + String(repeating: "[", count: 100_000), "nested too deep"),
    ("flow maps in each other", "name: a\njobs: " + String(repeating: "{a: ", count: 100_000), "nested deeper"),
    (
      "block lists in each other", "name: a\njobs:\n  " + String(repeating: "- ", count: 100_000) + "x", "nested deeper"
    ),
    ("keys in each other", "name: a\njobs:\n  " + String(repeating: "? ", count: 100_000) + "x", "nested deeper"),
    (
      "indentation", "name: a\njobs:\n" + (1...2000).map { String(repeating: " ", count: $0) + "k:\n" }.joined(),
      "nested deeper"
    ),
    ("parts", "name: a\njobs: [" + String(repeating: "a,", count: 1_200_000) + "]", "more than 1048576 parts"),
    ("keys that are bombs", "x: &x [a,a]\ny: &y [*x,*x]\n? *y\n: b\n", "a key has to be text"),
    ("JSON in itself", String(repeating: "[", count: 100_000), "nested deeper"),
  ]

  @Test(arguments: bombs) func aBombIsRefusedSoon(name: String, text: String, reason: String) {
    let start = ContinuousClock.now
    let problems = F.problems(text, named: name.hasPrefix("JSON") ? "p.json" : "p.yaml")
    #expect(problems.contains { $0.contains(reason) }, "\(name): \(problems.prefix(3))")
    #expect(ContinuousClock.now - start < .seconds(120), "\(name)")
  }

  @Test func aLargeFileIsRefusedBeforeItIsRead() {
    var limits = FormatLimits()
    limits.bytes = 100
    let text = "name: a\njobs: {}\n" + String(repeating: "# comment\n", count: 20)
    #expect(throws: FileProblems(FileProblem(file: "p.yaml", message: "the file has more than 100 bytes"))) {
      try ProjectFile.parse(Array(text.utf8), named: "p.yaml", limits: limits)
    }
  }

  @Test func manyFilesAreRefused() {
    var limits = FormatLimits()
    limits.files = 3
    limits.totalFileBytes = 25
    let tree = MemoryTree(["a.js": "1234567890"])
    let jobs = (0..<5).map { "  j\($0): {body: {path: a.js}}\n" }.joined()
    do throws(FileProblems) {
      _ = try ProjectFile.parse(Array("name: a\njobs:\n\(jobs)".utf8), named: "p.yaml", in: tree, limits: limits)
      Issue.record("read")
    } catch {
      #expect(
        error.problems.map(\.message).filter { $0.contains("all files together have more than 25 bytes") }.count == 3)
    }
  }

  @Test func manyThingsAreReadInNoTime() throws {
    let jobs = (0..<50).map { number in
      "      job-\(number): {name: job \(number), body: 'fn(\(number))', credential: a@b.c|d}\n"
    }.joined()
    let edges = (1..<50).map { "      job-0->job-\($0): {source_job: job-0, target_job: job-\($0)}\n" }.joined()
    let workflows = (0..<300).map { "  w\($0):\n    name: w \($0)\n    jobs:\n\(jobs)    edges:\n\(edges)" }.joined()
    let text = "name: large\nworkflows:\n\(workflows)"
    let clock = ContinuousClock()
    var file: ProjectFile?
    let reading = try clock.measure { file = try F.parse(text) }
    let read = try #require(file)
    var project: ProjectContent?
    let importing = try clock.measure { project = try F.imported(read) }
    let imported = try #require(project)
    var same: ProjectContent?
    let again = try clock.measure { same = try F.imported(read, into: imported) }
    #expect(same == imported)
    let exporting = try clock.measure { _ = try ProjectExport(imported).text(as: .v1) }
    print("15000 jobs: read \(reading), imported \(importing), again \(again), exported \(exporting)")
    // Far more than it takes in a debug build, and far less than anything quadratic would.
    #expect(reading + importing + again + exporting < .seconds(300))
  }

  /// No bytes trap or hang.
  @Test func randomBytesAreRefusedOrRead() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = WorkflowGenerator(seed: seed)
    let examples = try ExampleFileTests.examples.map { try F.bytes($0) }
    for _ in 0..<1000 {
      var bytes = random.pick(examples)
      for _ in 0..<Int.random(in: 1...6, using: &random.random) {
        let place = Int.random(in: 0..<bytes.count, using: &random.random)
        switch Int.random(in: 0..<5, using: &random.random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random.random)
        case 1: bytes[place] = random.pick(Array(":-{}[]&*!|>'\"#? \n\t,%@`~<".utf8))
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random.random)))
        case 3:
          bytes.insert(
            contentsOf: bytes[place..<min(bytes.count, place + 60)],
            at: Int.random(in: 0..<bytes.count, using: &random.random))
        default:
          bytes.insert(
            contentsOf: Array(
              random.pick(["&a ", "*a", "? ", "- ", "<<: ", "\u{85}", "\u{2028}", "null", "!!str "]).utf8), at: place)
        }
        if bytes.isEmpty { bytes = [0] }
      }
      Self.check(bytes, seed)
    }
  }

  /// What is accepted can be imported into nothing, and says the same again when it is written down.
  private static func check(_ bytes: [UInt8], _ seed: UInt64) {
    guard let file = accepted(bytes), case .specification = file.content else { return }
    let document = ProjectImport(file: file, projectID: F.project)
    let empty = file.isSingleWorkflow ? ProjectContent(id: F.project, name: "empty") : nil
    guard let project = try? document.applied(to: empty, foreignIDs: [], now: F.now) else { return }
    #expect(throws: Never.self, "seed \(seed)") {
      let text = try ProjectExport(project).text(as: .v1)
      let same = try F.imported(text, into: project)
      #expect(same == project, "seed \(seed)\n\(text)")
    }
  }

  private static func accepted(_ bytes: [UInt8]) -> ProjectFile? {
    do throws(FileProblems) {
      let tree = MemoryTree(["jobs/read.js": "x", "jobs/write.js": "y"])
      return try ProjectFile.parse(bytes, named: "p.yaml", in: tree)
    } catch {
      #expect(!error.problems.isEmpty)
      #expect(error.problems.allSatisfy { !$0.message.isEmpty })
      return nil
    }
  }
}
