import TestSupport
import Testing
import Workflow

@testable import Storage

/// Who syncs which connection when.
@Suite struct RepositoryTests {
  private let address: String
  private let store: Store
  private let psql: PlainConnection
  private let connection: RepositoryConnection

  init() throws {
    address = try TestPostgres.makeDatabase()
    store = Store(configuration: StoreConfiguration(conninfo: address), logger: TestStore.logger)
    try store.migrate()
    store.start()
    psql = try PlainConnection(address)
    try psql.run(SampleProject.sql)
    let new = NewRepositoryConnection(projectID: SampleProject.id, name: "a/b", url: "/srv/a", branch: "main")
    let added = try store.wait { [store] in store.addRepository(new, $0) }
    connection = try #require(added)
  }

  private func due(polling: Bool = false) throws -> RepositoryClaim? {
    try store.wait { store.claimDueRepository(lease: .seconds(30), polling: polling, $0) }
  }

  private func release(
    _ claim: RepositoryClaim, _ failure: SyncFailureRecord? = nil, nextCheck: Duration? = .seconds(60)
  ) throws {
    let request = claim.request ?? SyncRequest(.pull, cause: .poll, actor: .system)
    try store.wait {
      store.release(claim.lease, failure: failure, entry: nil, retrying: request, nextCheck: nextCheck, $0)
    }
  }

  private func request(_ direction: SyncDirection, _ message: String? = nil) throws {
    let request = SyncRequest(direction, cause: .request, actor: Actor(type: "user", id: "7"), message: message)
    let isQueued = try store.wait { store.requestSync(request, connectionID: connection.id, $0) }
    #expect(isQueued)
  }

  private func renew(_ claim: RepositoryClaim) throws -> Bool {
    try store.wait { store.renew(claim.lease, for: .seconds(30), $0) }
  }

  private var status: RepositoryState.Status? {
    get throws { try store.wait { store.readRepositories(id: connection.id, $0) }.first?.state.status }
  }

  @Test func aProjectHasOneConnection() throws {
    defer { store.stop() }
    let second = NewRepositoryConnection(projectID: SampleProject.id, name: "c/d", url: nil, branch: "main")
    let added = try store.wait { store.addRepository(second, $0) }
    #expect(added == nil)
    #expect(connection.state.status == .idle && connection.state.failure == nil)
  }

  @Test func oneAtATimeHasAConnection() throws {
    defer { store.stop() }
    #expect(try due() == nil, "nobody asked, and it is not looked for news")
    let claim = try #require(try due(polling: true))
    #expect(try status == .syncing && claim.request == nil)
    #expect(try due(polling: true) == nil)
    let other = try store.wait { store.claimRepository(of: SampleProject.id, lease: .seconds(1), $0) }
    #expect(try other == nil && renew(claim))
    try release(claim)
    #expect(try status == .idle && due(polling: true) == nil, "it is not time yet")
    #expect(try !renew(claim))
  }

  @Test func whatIsAskedForWhileASyncGoesOnStaysAskedFor() throws {
    defer { store.stop() }
    try request(.pull)
    #expect(try status == .queued)
    let first = try #require(try due())
    #expect(first.request?.direction == .pull && first.request?.actor.id == "7")
    try request(.push, "mine")
    try request(.pull)
    try release(first)
    let second = try #require(try due())
    #expect(second.request?.direction == .push, "a push pulls as well")
    try release(second)
    #expect(try due() == nil && status == .idle)
  }

  @Test func aLeaseThatRunsOutIsTakenOverWithWhatItWasFor() throws {
    defer { store.stop() }
    try request(.push, "mine")
    let first = try #require(try due())
    try psql.run("update repo_states set lease_until = clock_timestamp() - interval '1 second'")
    let second = try #require(try due())
    #expect(second.request == first.request && second.lease != first.lease)
    try release(first)
    #expect(try status == .syncing, "who lost the lease ends nothing")
  }

  @Test func aFailureIsTriedAgainWhenItSaysSo() throws {
    defer { store.stop() }
    try request(.push, "mine")
    let failure = SyncFailureRecord(kind: "unreachable", text: "gone", retryAfter: .seconds(60))
    try release(try #require(try due()), failure)
    #expect(try status == .failing && due(polling: true) == nil)
    try psql.run("update repo_states set next_attempt_at = clock_timestamp()")
    let again = try #require(try due())
    #expect(again.request?.direction == .push && again.request?.message == "mine")
    #expect(again.connection.state.failure?.attempts == 1)
    try release(again)
    #expect(try status == .idle)
    let failing = try store.wait { store.countFailingRepositories($0) }
    #expect(failing == 0)
  }

  @Test func aConnectionWithoutAURLIsNotSynced() throws {
    defer { store.stop() }
    try psql.run("update project_repo_connections set url = null")
    #expect(try due(polling: true) == nil)
    let request = SyncRequest(.pull, cause: .hook, actor: .system)
    let isQueued = try store.wait { store.requestSync(request, connectionID: connection.id, $0) }
    #expect(!isQueued)
  }

  @Test func messagesAreRememberedForAWhileAndNotTooMany() throws {
    defer { store.stop() }
    let request = SyncRequest(.pull, cause: .hook, actor: .system)
    func receive(_ id: String) throws -> Bool {
      try store.wait {
        store.receiveHook(id, of: connection.id, window: .seconds(600), limit: 3, request, $0)
      }
    }
    #expect(try receive("a") && !receive("a"))
    for id in ["b", "c", "d", "e"] { #expect(try receive(id)) }
    #expect(try psql.run("select 1 from repo_deliveries").count <= 4)
    try psql.run("update repo_deliveries set received_at = received_at - interval '1 hour'")
    #expect(try receive("f") && psql.run("select id from repo_deliveries") == [["f"]])
  }

  @Test func theHistoryIsForgottenWhenItIsOld() throws {
    defer { store.stop() }
    let claim = try #require(try due(polling: true))
    let request = SyncRequest(.pull, cause: .poll, actor: .system)
    let failure = SyncFailureRecord(kind: "invalid", text: "wrong", retryAfter: nil)
    for _ in 0..<2 {
      try store.wait {
        store.release(
          claim.lease, failure: failure, entry: SyncEntry(request, from: nil, to: "c0ffee", elapsed: .seconds(1)),
          retrying: request, nextCheck: nil, $0)
      }
    }
    let records = try store.wait { store.readSyncs(SampleProject.id, $0) }
    #expect(records.count == 1 && records.first?.milliseconds ?? 0 >= 1000, "the same failure is one")
    #expect(records.first?.errorKind == "invalid" && records.first?.commitTo == "c0ffee")
    try psql.run("update repo_syncs set finished_at = finished_at - interval '2 days'")
    try TestStore.expire(olderThan: .seconds(86_400), TestStore.connection(address))
    let rest = try store.wait { store.readSyncs(SampleProject.id, $0) }
    #expect(rest.isEmpty)
  }
}
