import Foundation
import TestSupport
import Testing

/// The program of the documentation: two processes edit one document through a server.
@Suite(.server) struct ExampleTests {
  private static let scratch = Repository.root.appendingPathComponent(".build-examples")

  /// Builds the examples, which takes a moment if `make test` has done so before.
  private static func build() async throws -> String {
    let build = try LineProcess(
      "/usr/bin/env",
      ["swift", "build", "--package-path", "Examples", "--scratch-path", scratch.path], directory: Repository.root)
    let status = try await build.waitForExit(limit: .seconds(900))
    try #require(status == 0, "\(build.progress.current.lines.suffix(20).joined(separator: "\n"))")
    return scratch.appendingPathComponent("debug/EditTogether").path
  }

  @Test func twoProcessesEditOneDocument() async throws {
    let program = try await Self.build()
    let server = try HeddleServer.shared
    let sample = try await SampleWorkflow.imported(into: server)
    let people = try (0..<2).map { _ in try LineProcess(program, [server.collab, sample.document]) }
    // Both show what is there before anybody types.
    for person in people { try await Self.wait(for: "fn(state => state);", in: person) }
    try people[0].write(line: "// typed by the first")
    for person in people { try await Self.wait(for: "// typed by the first", in: person) }
    try people[1].write(line: "// typed by the second 🧵")
    for person in people { try await Self.wait(for: "// typed by the second 🧵", in: person) }

    // Both type at once, and end: each waits until what it wrote is stored.
    for (number, person) in people.enumerated() { try person.write(line: "// last words of \(number)") }
    for person in people {
      person.closeInput()
      #expect(try await person.waitForExit() == 0)
    }
    let body = try await sample.live(on: server)["data"]?["jobs"]?.array?.first?["body"]?.string ?? ""
    #expect(body.hasPrefix("\(SampleWorkflow.firstBody)// typed by the first\n// typed by the second 🧵\n"))
    #expect(body.contains("// last words of 0\n") && body.contains("// last words of 1\n"))
  }

  private static func wait(for line: String, in process: LineProcess) async throws {
    let isShown = try await process.progress.wait(for: line, limit: .seconds(30)) { progress -> Bool? in
      if progress.lines.contains(line) { return true }
      return progress.exit == nil ? nil : false
    }
    #expect(isShown, "ended without showing \(line): \(process.progress.current)")
  }
}
