import Storage
import TestSupport
import Testing
import Workflow

@testable import Gateway

/// From the repository into the project.
@Suite struct PullTests {
  @Test func theFirstSyncFindsWhatIsThereByName() throws {
    let site = try SyncSite([SyncSite.specPath: Spec(fetch: "file()", others: ["Nightly"]).text, "README.md": "hello"])
    let result = try site.sync()
    #expect(result.outcome == .imported && result.changes.count == 2)
    let workflow = try #require(try site.workflow())
    #expect(workflow.id == SampleProject.workflow && workflow.jobs.map(\.id) == SampleProject.jobs)
    #expect(workflow.edges.map(\.id).sorted() == SampleProject.edges, "nothing got another id")
    #expect(try site.body() == "file()" && site.workflow("Nightly")?.jobs.count == 1)
    let connection = try site.connection
    #expect(try connection.state.syncedCommit == site.remote.head() && connection.state.status == .idle)
    #expect(connection.state.format == "v1" && connection.state.failure == nil)
  }

  @Test func whoSyncedIsTheConnectionWithItsCommit() throws {
    let site = try SyncSite([SyncSite.specPath: Spec(fetch: "file()").text])
    try site.sync()
    let rows = try #require(try site.project.workflows.first)
    let (head, actor) = (try site.remote.head(), try site.connection.actor)
    #expect(rows.provenance.source == .git && rows.provenance.commit == head && rows.provenance.actor == actor)
    let record = try #require(try site.history.first)
    #expect(record.outcome == .changed && record.commitFrom == nil && record.commitTo == rows.provenance.commit)
    let change = try #require(record.changes.array?.first)
    #expect(change["name"] == "Intake" && change["action"] == "change")
    #expect(change["changes"]?.array?.contains { $0["unit"]?.array?.last == "body" } == true, "\(change.text)")
  }

  @Test func aCommitThatTouchesNoProjectFileIsOnlyNoted() throws {
    let site = try SyncSite()
    try site.sync()
    let before = try site.psql.run("select revision, lock_version from workflows")
    try site.remote.commit(["README.md": "news"])
    #expect(try site.sync().outcome == .noted)
    #expect(try site.psql.run("select revision, lock_version from workflows") == before)
    #expect(try site.connection.state.syncedCommit == site.remote.head() && site.history.first?.outcome == .unchanged)
    #expect(try site.sync().outcome == .upToDate && site.history.count == 2, "nothing new is no history")
  }

  @Test func bodiesInFilesOfTheirOwnCount() throws {
    let spec = Spec(bodyPath: "jobs/fetch.js").text
    let site = try SyncSite([SyncSite.specPath: spec, "jobs/fetch.js": "one()\n"])
    try site.sync()
    #expect(try site.body() == "one()\n")
    try site.remote.commit(["jobs/fetch.js": "two()\n"])
    #expect(try site.sync().outcome == .imported && site.body() == "two()\n")
  }

  @Test func aConfigSaysWhereTheProjectIs() throws {
    let config = #"{"specPath": "deploy/spec.yaml", "statePath": "deploy/state.json"}"#
    let site = try SyncSite(
      ["cfg.json": config, "deploy/spec.yaml": Spec(fetch: "there()").text], configPath: "cfg.json")
    try site.sync()
    #expect(try site.body() == "there()")
    try site.remote.commit(["cfg.json": nil])
    #expect(site.failure()?.kind == "no_config")
  }

  @Test func aFileThatIsWrongImportsNothingAndTheNextGoodOneHeals() throws {
    let site = try SyncSite()
    try site.sync()
    let good = try site.remote.head()
    let before = try site.project
    let bad = try site.remote.commit([SyncSite.specPath: Spec(fetch: "news()", others: ["Intake"]).text])
    let failure = try #require(site.failure())
    #expect(
      failure.kind == "invalid" && failure.commit == bad && failure.text.contains(SyncSite.specPath), "\(failure)")
    #expect(try site.project == before && site.connection.state.syncedCommit == good)
    #expect(try site.connection.state.status == .failing && site.connection.state.failure?.attempts == 1)
    #expect(site.failure() != nil)
    #expect(try site.history.filter { $0.outcome == .failed }.count == 1, "the same failure is one failure")
    #expect(try site.connection.state.failure?.attempts == 2)

    try site.remote.commit([SyncSite.specPath: Spec(fetch: "good()").text])
    try site.sync()
    #expect(try site.body() == "good()" && site.connection.state.failure == nil)
    #expect(try site.connection.state.status == .idle)
  }

  @Test func problemsAreToldWithTheirLines() throws {
    let text = Spec().text.replacing("type: webhook", with: "type: carrier_pigeon")
    let site = try SyncSite([SyncSite.specPath: text])
    let failure = try #require(site.failure())
    #expect(failure.text.contains("\(SyncSite.specPath):"), "\(failure)")
    #expect(failure.text.firstMatch(of: /yaml:[0-9]+/) != nil, "\(failure)")
  }

  @Test func whatTheFileDropsIsDeletedWhereItHadIt() throws {
    let site = try SyncSite([SyncSite.specPath: Spec(others: ["Nightly"]).text])
    try site.sync()
    #expect(try site.workflow("Nightly") != nil)
    try site.remote.commit([SyncSite.specPath: Spec().text])
    try site.sync()
    #expect(try site.workflow("Nightly") == nil && site.workflow() != nil)
  }

  @Test func aRewrittenBranchIsSimplyTheNextState() throws {
    let site = try SyncSite()
    let first = try site.remote.head()
    try site.remote.commit([SyncSite.specPath: Spec(fetch: "lost()", others: ["Lost"]).text])
    try site.sync()
    try site.remote.commit([SyncSite.specPath: Spec(fetch: "kept()").text], onto: first)
    #expect(try site.sync().outcome == .imported)
    #expect(try site.body() == "kept()" && site.workflow("Lost") == nil)
  }

  @Test func whatPeopleSavedBetweenTwoSyncsIsMerged() throws {
    let lines = "one()\ntwo()\nthree()"
    let site = try SyncSite([SyncSite.specPath: Spec(fetch: lines).text])
    try site.sync()
    try site.save("one()\ntwo()\nthree() // app")
    try site.psql.run("update workflows set name = 'Mine'")
    try site.remote.commit([SyncSite.specPath: Spec(workflow: "Theirs", fetch: "one() // file\ntwo()\nthree()").text])
    let result = try site.sync()
    #expect(result.conflicts == 1)
    #expect(try site.body(of: "Theirs") == "one() // file\ntwo()\nthree() // app")
    let conflicts = try site.openConflicts()
    #expect(conflicts.map(\.conflict.unit) == [["workflow", "name"]])
    #expect(conflicts.first?.conflict.live == "Mine" && conflicts.first?.conflict.database == "Theirs")
    let head = try site.remote.head()
    #expect(conflicts.first?.provenance.commit == head)
    #expect(try site.sync().outcome == .upToDate && site.openConflicts().count == 1)
  }

  @Test func aRemoteThatIsGoneIsAFailureThatHeals() throws {
    let site = try SyncSite()
    try site.sync()
    try site.remote.setGone(true)
    let failure = try #require(site.failure())
    #expect(failure.isTemporary || failure.kind == "no_repository", "\(failure)")
    #expect(try site.connection.state.status == .failing)
    try site.remote.setGone(false)
    #expect(try site.sync().outcome == .upToDate)
    #expect(try site.connection.state.status == .idle && site.connection.state.failure == nil)
  }

  @Test func whoLostTheLeaseWritesNothing() throws {
    let site = try SyncSite([SyncSite.specPath: Spec(fetch: "late()").text])
    let claimed = try site.store.wait {
      site.store.claimRepository(of: SampleProject.id, lease: .milliseconds(1), $0)
    }
    let claim = try #require(claimed)
    // Somebody else takes over while this one is held up.
    try site.psql.run("update repo_states set lease_owner = gen_random_uuid()")
    let result = site.syncer.perform(claim, SyncRequest(.pull, cause: .poll, actor: .system))
    guard case .failure(let failure) = result else { throw GitRemote.Failure(description: "it was synced") }
    #expect(failure.kind == SyncFailure.leaseLost.kind)
    #expect(try site.body() == "get(\"/patients\")" && site.connection.state.syncedCommit == nil)
  }

  @Test func aPlanWritesNothing() throws {
    let site = try SyncSite([SyncSite.specPath: Spec(fetch: "file()").text])
    let plan = try site.syncer.plan(site.connection)
    #expect(plan.plan?.workflows.first?.changes.map(\.unit.last) == ["body"])
    #expect(
      try site.body() == "get(\"/patients\")" && site.history.isEmpty && site.connection.state.syncedCommit == nil)
    try site.sync()
    #expect(try site.syncer.plan(site.connection).plan == nil)
  }
}
