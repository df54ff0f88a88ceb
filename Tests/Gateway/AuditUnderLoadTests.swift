import Storage
import TestSupport
import Testing
import Workflow
import YCRDT
import YProtocol

@testable import Gateway

/// A healthy server, however busy, has no difference: edits, saves, imports and checkpoints go on while it is audited.
@Suite struct AuditUnderLoadTests {
  private static let rounds = 60

  @Test func aBusyServerHasNoFalseAlarm() throws {
    let site = try AccessSite(wantsTokens: false) { $0.room.checkpointUpdates = 5 }
    defer { site.stop() }
    let name = DocumentName(workflowID: SampleProject.workflow)
    let tab = try CollabAccessTests.Tab(site, token: nil)
    #expect(try tab.welcome() == nil)
    let store = site.store
    let audits = Auditing(store, name)
    for round in 0..<Self.rounds {
      for edit in 0..<4 { try tab.rename("Name \(round)-\(edit)") }
      try tab.acknowledge()
      if round.isMultiple(of: 3) {
        #expect(try site.request("POST", "/api/workflows/\(name.workflowID)/save").status == 200)
      }
      if round.isMultiple(of: 5) {
        try site.psql.run("update jobs set body = body || '// \(round)' where workflow_id = '\(name.workflowID)'")
      }
      if round.isMultiple(of: 7) {
        try site.psql.run("update workflows set concurrency = \(round + 1) where id = '\(name.workflowID)'")
      }
    }
    let (count, found) = audits.stop()
    #expect(count > 20, "only \(count) audits")
    #expect(found == [])
    #expect(try store.wait { store.audit(name, $0) } == [])
    #expect(try store.wait { store.readDifferences($0) } == [])
    #expect(try site.psql.value("select count(*) > 0 from document_checkpoints") == "t")
    #expect(try site.request("GET", "/api/differences").json["data"] == [])
  }

  /// Audits one document over and over on a thread of its own.
  private final class Auditing: Sendable {
    private struct State {
      var isStopping = false
      var count = 0
      var found: [DocumentDifference] = []
    }

    private let state = Monitor(State())
    private let thread: ServiceThread

    init(_ store: Store, _ name: DocumentName) {
      thread = ServiceThread { [state] in
        while !state.read(\.isStopping) {
          let result = try? store.wait { store.audit(name, $0) }
          state.change { state in
            state.count += 1
            state.found += result ?? []
          }
        }
      }
    }

    func stop() -> (count: Int, found: [DocumentDifference]) {
      state.change { $0.isStopping = true }
      thread.join()
      return state.read { ($0.count, $0.found) }
    }
  }
}
