import TestSupport
import Testing

/// `heddle doctor` on a database.
enum Doctor {
  /// Has everything rebuilt from the log and compared with what is stored. Returns what the doctor says of that.
  @discardableResult
  static func expectNoDifferences(
    _ conninfo: String, limit: Duration = .seconds(120), sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let doctor = try LineProcess(HeddleServer.executable, ["doctor", "--audit", "--database-url", conninfo])
    let (exit, lines) = try await doctor.waitForEnd(limit: limit)
    #expect(exit == 0, "\(lines.joined(separator: "\n"))", sourceLocation: sourceLocation)
    let line = lines.last { $0.contains("documents audited") } ?? ""
    #expect(line.contains(" 0 findings"), "\(lines.joined(separator: "\n"))", sourceLocation: sourceLocation)
    return line.split(separator: " ").dropFirst(2).joined(separator: " ")
  }
}
