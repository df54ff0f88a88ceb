import Foundation
import TestSupport
import Testing

/// `heddle record` on the command line.
@Suite(.server) struct RecordCommandTests {
  private struct Folder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-records-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    var names: [String] { TestSupport.names(inFolder: url.path) }
  }

  private func record(
    _ workflow: String, _ arguments: [String] = []
  ) async throws -> (exit: Int32, output: [String], errors: String) {
    let log = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: log) }
    let address = try HeddleServer.shared.address
    let process = try LineProcess(
      HeddleServer.executable, ["record", workflow, "--url", "http://\(address)"] + arguments, standardError: log)
    let exit = try await process.waitForExit()
    let output = try await process.progress.wait(for: "its output") { $0.isAtEnd ? $0.lines : nil }
    return (exit, output, try String(contentsOf: log, encoding: .utf8))
  }

  @Test func aRecordIsThereWholeOrNotAtAll() async throws {
    let folder = try Folder()
    defer { try? FileManager.default.removeItem(at: folder.url) }
    let sample = try await SampleWorkflow.imported(into: try HeddleServer.shared)
    // Nothing is recorded of what nobody opened.
    try "an earlier one".write(toFile: folder.path("a.jsonl"), atomically: true, encoding: .utf8)
    let refused = try await record(SampleWorkflow.id(), ["--output", folder.path("a.jsonl")])
    #expect(refused.exit == 1 && refused.errors.contains("nothing is recorded of"), "\(refused)")
    #expect(try String(contentsOfFile: folder.path("a.jsonl"), encoding: .utf8) == "an earlier one")
    #expect(folder.names == ["a.jsonl"], "nothing half is left")
    let silent = try await record(SampleWorkflow.id())
    #expect(silent.exit == 1 && silent.output.isEmpty, "an error is no record: \(silent)")
    _ = try await HeddleServer.shared.request("GET", "/api/workflows/\(sample.id)")
    let taken = try await record(sample.id, ["--output", folder.path("a.jsonl")])
    #expect(taken.exit == 0, "\(taken)")
    #expect(try String(contentsOfFile: folder.path("a.jsonl"), encoding: .utf8).hasPrefix("{\"header\":"))
    #expect(folder.names == ["a.jsonl"])
    let shown = try await record(sample.id)
    #expect(shown.exit == 0 && shown.output.first?.hasPrefix("{\"header\":") == true, "\(shown.errors)")
    // A link stays, and what it leads to is the record and nothing else.
    try String(repeating: "x", count: 1 << 20).write(toFile: folder.path("b.jsonl"), atomically: true, encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: folder.path("b.jsonl"))
    let linked = try await record(sample.id, ["--output", folder.path("link")])
    #expect(linked.exit == 0, "\(linked)")
    let behind = try String(contentsOfFile: folder.path("b.jsonl"), encoding: .utf8)
    #expect(behind.hasPrefix("{\"header\":") && behind.hasSuffix("}\n"))
    let device = try await record(sample.id, ["--output", "/dev/stdout"])
    #expect(device.exit == 0 && device.output.first?.hasPrefix("{\"header\":") == true, "\(device.errors)")
  }
}
