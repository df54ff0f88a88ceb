import TestSupport
import Testing
import Workflow

/// A document that several real clients type in while others save it and change its rows, and what has to be there in the end.
final class LoadedDocument: Sendable {
  let sample: SampleWorkflow
  let members: [FaultMember]
  private let saved = Watched(Saved())

  /// What was done to it over HTTP and with SQL.
  struct Saved: Sendable {
    /// The tokens that have to be in the rows: those that were acknowledged before the newest save that was answered as done.
    var tokens: [String] = []
    var saves = 0
    var imports = 0
    var writes = 0
  }

  init(_ sample: SampleWorkflow, members: [FaultMember]) {
    self.sample = sample
    self.members = members
  }

  var done: Saved { saved.current }

  // MARK: Load

  /// Saves; what was acknowledged before has to be in the rows if the answer says so.
  func save(on server: HeddleServer) async {
    let before = members.flatMap(\.acknowledged)
    guard let answer = try? await server.request("POST", "/api/workflows/\(sample.id)/save") else { return }
    guard answer.status == 200 else { return }
    saved.update { saved in
      saved.tokens = before
      saved.saves += 1
    }
  }

  /// Somebody else's change, of what nobody here types in.
  func importSomething(_ number: Int, on server: HeddleServer) async {
    let project = sample.project(secondBody: "fn(() => \(number));\n")
    // The first job's text belongs to the members: an import that has an older one would be merged, but would take tokens from the rows.
    guard var workflow = project["workflows"]?.array?.first?.object else { return }
    workflow["jobs"] = .array(
      (workflow["jobs"]?.array ?? []).map { job in
        guard job["id"] == .string(sample.firstJobID), var members = job.object else { return job }
        members["body"] = nil
        return .object(members)
      })
    var whole = project.object ?? [:]
    whole["workflows"] = [.object(workflow)]
    guard let answer = try? await server.request("POST", "/api/provision", body: .object(whole)) else { return }
    if answer.status == 201 { saved.update { $0.imports += 1 } }
  }

  /// A change of the rows by somebody who knows nothing of Heddle. Members set the same name.
  func writeRows(_ number: Int, with connection: PlainConnection) throws {
    try connection.run(
      """
      update jobs set name = 'Stock \(number)' where id = '\(sample.secondJobID)';
      update workflows set concurrency = \(1 + number % 9) where id = '\(sample.id)'
      """)
    saved.update { $0.writes += 1 }
  }

  // MARK: The end

  /// Checks that everything that was typed is in a document, once.
  func check(_ content: JSONValue, at who: String, seed: UInt64, _ report: inout FaultReport) {
    let jobs = content["jobs"]?.array ?? []
    #expect(jobs.count == 2, "\(who), seed \(seed): \(jobs.map { $0["name"]?.text ?? "" })")
    let body = jobs.first { $0["id"] == .string(sample.firstJobID) }?["body"]?.string ?? ""
    let counts = Dictionary(FaultReport.tokens(in: body).map { ($0, 1) }, uniquingKeysWith: +)
    let typed = members.flatMap(\.typed)
    let (lost, doubled) = (typed.filter { counts[$0] == nil }, counts.filter { $0.value > 1 })
    report.lost += lost.count
    report.doubled += doubled.count
    #expect(lost == [], "lost at \(who), seed \(seed)")
    #expect(doubled == [:], "doubled at \(who), seed \(seed)")
  }

  /// What was saved has to be in the rows.
  func checkRows(_ database: PlainConnection, seed: UInt64, _ report: inout FaultReport) throws {
    let row = try database.value("select body from jobs where id = '\(sample.firstJobID)'")
    let tokens = Set(FaultReport.tokens(in: row ?? ""))
    let missing = done.tokens.filter { !tokens.contains($0) }
    report.lost += missing.count
    #expect(missing == [], "saved and not in the rows, seed \(seed)")
  }
}

/// What waits in a database.
enum UnmergedRows {
  /// Waits until all documents have merged what was written last: if nobody told a server, its poll finds it.
  static func awaitNone(in conninfo: String, limit: Duration = .seconds(30)) async throws {
    let stale =
      "select count(*) from workflows w join documents d on d.workflow_id = w.id where d.base_revision <> w.revision"
    // The database may have been killed a moment ago.
    try await until("all rows are merged", limit: limit) {
      (try? PlainConnection(conninfo).value(stale)) == "0"
    }
  }
}

extension HeddleServer {
  /// The most memory that the process had, in bytes.
  var peakMemory: Int { memory("VmHWM:") }
  /// The memory that it has now.
  var residentMemory: Int { memory("VmRSS:") }

  private func memory(_ name: String) -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
    return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? 0
  }
}
