import Foundation
import Storage
import TestSupport
import Testing
import Workflow

@testable import Gateway

/// From the project into the repository.
@Suite struct PushTests {
  @Test func anEmptyRepositoryGetsTheProject() throws {
    let site = try SyncSite(nil)
    #expect(site.failure()?.kind == "empty")
    #expect(try site.sync(.push, message: "Begin").outcome == .pushed)
    #expect(try site.remote.log("%s") == "Begin")
    #expect(site.remote.file(SyncSite.specPath)?.contains("get(\"/patients\")") == true)
    #expect(site.remote.file("openfn-\(SampleProject.id)-state.json")?.contains(SampleProject.jobs[0]) == true)
    #expect(site.remote.file("openfn-\(SampleProject.id)-config.json")?.contains(SyncSite.specPath) == true)
    #expect(try site.sync().outcome == .upToDate && site.sync(.push).outcome == .upToDate)
  }

  @Test func whatWasSavedIsCommittedWhereItWas() throws {
    let spec = Spec(bodyPath: "jobs/fetch.js").text
    let site = try SyncSite([SyncSite.specPath: spec, "jobs/fetch.js": "one()\n", "README.md": "hello"])
    try site.sync()
    #expect(try site.sync(.push).outcome == .upToDate, "nothing to push")
    try site.save("two()\n")
    let result = try site.sync(.push, message: "Fetch twice")
    #expect(result.outcome == .pushed && result.changes.count == 1)
    #expect(site.remote.file("jobs/fetch.js") == "two()\n" && site.remote.file("README.md") == "hello")
    #expect(site.remote.file(SyncSite.specPath)?.contains("jobs/fetch.js") == true)
    #expect(try site.remote.log("%s|%an|%ae") == "Fetch twice|Heddle|heddle@localhost")
    let record = try #require(try site.history.first)
    #expect(record.request.direction == .push && record.outcome == .changed)
    #expect(try record.commitTo == site.remote.head() && site.connection.state.syncedCommit == record.commitTo)
    #expect(try site.sync().outcome == .upToDate)
  }

  @Test func whoSavedIsTheAuthor() throws {
    let site = try SyncSite()
    try site.psql.run(
      "insert into users (id, email, first_name) values ('\(SampleProject.credential)', 'grace@example.com', 'Grace')")
    try site.sync()
    try site.save("grace()")
    try site.sync(.push, actor: Actor(type: Actor.userType, id: SampleProject.credential, name: "Grace"))
    #expect(try site.remote.log("%an <%ae>|%cn|%s") == "Grace <grace@example.com>|Heddle|Change Intake")
  }

  @Test func whatOthersPushedIsMergedFirst() throws {
    let site = try SyncSite([SyncSite.specPath: Spec(fetch: "one()\ntwo()\nthree()").text])
    try site.sync()
    try site.save("one()\ntwo()\nthree() // app")
    try site.psql.run("update workflows set name = 'Mine'")
    let theirs = try site.remote.commit([
      SyncSite.specPath: Spec(workflow: "Theirs", fetch: "one() // file\ntwo()\nthree()").text
    ])
    #expect(try site.sync(.push).outcome == .pushed)
    #expect(try site.remote.log("%P") == theirs, "on top of theirs")
    let text = try #require(site.remote.file(SyncSite.specPath))
    #expect(text.contains("one() // file") && text.contains("three() // app") && text.contains("Theirs"), "\(text)")
    #expect(try site.openConflicts().map(\.conflict.unit) == [["workflow", "name"]])
    #expect(try site.history.map(\.request.direction) == [.push, .pull, .pull])
  }

  /// Somebody pushes between the fetch and the push, once.
  @Test func aRaceIsWonByBeginningAnew() throws {
    let site = try SyncSite()
    try site.sync()
    try site.save("app()")
    let (remote, races) = (site.remote, Locked(1))
    site.syncer.onProgress = { what in
      guard what.hasPrefix("pushing"),
        races.withLock({
          $0 -= 1; return $0
        }) == 0
      else { return }
      _ = try? remote.commit([SyncSite.specPath: Spec(load: "raced()").text], message: "Race")
    }
    #expect(try site.sync(.push).outcome == .pushed)
    #expect(try site.remote.git(["rev-list", "--count", "main"]) == "3")
    let text = try #require(site.remote.file(SyncSite.specPath))
    #expect(text.contains("raced()") && text.contains("app()"))
    #expect(try site.body("Load") == "raced()" && site.body() == "app()")
  }

  @Test func aRaceThatIsLostAgainAndAgainIsAFailure() throws {
    let site = try SyncSite { $0.pushAttempts = 2 }
    try site.sync()
    try site.save("app()")
    let (remote, count) = (site.remote, Locked(0))
    site.syncer.onProgress = { what in
      guard what.hasPrefix("pushing") else { return }
      let number = count.withLock {
        $0 += 1; return $0
      }
      _ = try? remote.commit(["README.md": "race \(number)"], message: "Race")
    }
    #expect(site.failure(.push)?.kind == "push_race" && count.withLock { $0 } == 2)
    site.syncer.onProgress = { _ in }
    #expect(try site.sync(.push).outcome == .pushed)
  }

  @Test func aProjectThatIsThereIsNotOverwrittenUnseen() throws {
    let site = try SyncSite()
    #expect(site.failure(.push)?.kind == "never_synced")
    #expect(try site.remote.git(["rev-list", "--count", "main"]) == "1")
  }

  @Test func aRepositoryThatIsOnlyReadIsNotWritten() throws {
    let site = try SyncSite(isPullOnly: true)
    try site.sync()
    try site.save("app()")
    #expect(site.failure(.push) == .pullOnly)
    #expect(try site.remote.git(["rev-list", "--count", "main"]) == "1")
  }

  @Test func aWorkflowThatWasAddedOrDeletedHereIsSoThere() throws {
    let site = try SyncSite([SyncSite.specPath: Spec(others: ["Nightly"]).text])
    try site.sync()
    let id = try #require(try site.workflow("Nightly")?.id)
    let document: JSONValue = [
      "id": .string(SampleProject.id),
      "workflows": [
        ["id": .string(id), "delete": true],
        ["id": .string(Store.newTokenID()), "name": "Weekly", "jobs": [], "triggers": [], "edges": []],
      ],
    ]
    _ = try site.store.wait {
      site.store.importProject(.init(document), provenance: Provenance(.importing, actor: .system), completion: $0)
    }
    #expect(try site.sync(.push).changes.compactMap { $0["action"]?.string }.sorted() == ["create", "delete"])
    let text = try #require(site.remote.file(SyncSite.specPath))
    #expect(text.contains("Weekly") && !text.contains("Nightly"))
    #expect(try site.sync().outcome == .upToDate)
    try site.remote.commit(["README.md": "x"])
    #expect(try site.sync().outcome == .noted)
  }
}
