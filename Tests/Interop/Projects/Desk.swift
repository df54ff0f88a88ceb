import Foundation
import TestSupport
import Testing

/// A database with the sample project of the readme, and a folder for files.
struct Desk {
  let database: String
  let folder: URL

  struct Answer {
    var exit: Int32
    var output: String
    var errors: String
  }

  /// Runs a test with a desk of its own, which is cleared away afterwards.
  static func with(_ body: (Desk) async throws -> Void) async throws {
    let desk = try Desk()
    defer { try? FileManager.default.removeItem(at: desk.folder) }
    try await desk.importSample()
    try await body(desk)
  }

  private init() throws {
    database = try TestPostgres.makeDatabase()
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-desk-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func read(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: path(name), atomically: true, encoding: .utf8)
  }

  func heddle(_ arguments: String...) async throws -> Answer { try await heddle(arguments) }

  func heddle(_ arguments: [String]) async throws -> Answer {
    let log = folder.appendingPathComponent("log-\(UUID().uuidString)")
    let process = try LineProcess(
      HeddleServer.executable, arguments + ["--database-url", database, "--log-level", "error"], standardError: log)
    let (exit, lines) = try await process.waitForEnd()
    return Answer(
      exit: exit, output: lines.joined(separator: "\n"), errors: try String(contentsOf: log, encoding: .utf8))
  }

  private func importSample() async throws {
    let sample = Repository.root.appendingPathComponent("Samples/sample-project.json").path
    let answer = try await heddle("import", sample)
    try #require(answer.exit == 0, "\(answer.errors)")
  }
}
