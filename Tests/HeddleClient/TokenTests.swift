import HeddleClient
import TestSupport
import Testing

/// The client where the server wants tokens: what it is told, when it comes back, and that no edit is lost by it.
@Suite struct TokenTests {
  private func withServer(_ body: (TokenServer) async throws -> Void) async throws {
    let server = try TokenServer()
    do { try await body(server) } catch {
      server.stop()
      throw error
    }
    server.stop()
  }

  @Test func anExpiredTokenIsReplacedWithoutFuss() async throws {
    try await withServer { server in
      let tokens = Tokens(try server.token(lifetime: .seconds(-60)), try server.token())
      let document = try server.open(tokens)
      try await document.rename("offline")
      let seen = try await document.statuses { $0 == .synced }
      #expect(!seen.contains { $0.isUnauthorized } && tokens.asked == 2, "\(seen)")
      try await document.saved()
      #expect(try await server.name() == "offline")
      #expect(await document.lastFailure == .disconnected(code: 4401, reason: "the token has expired"))
      await document.close()
    }
  }

  @Test func aWrongTokenIsToldAndTriedSeldom() async throws {
    try await withServer { server in
      let tokens = Tokens("nonsense")
      let document = try server.open(tokens)
      try await document.rename("offline")
      await #expect(throws: ClientError.unauthorized("the token is no JSON web token")) { try await document.synced() }
      await #expect(throws: ClientError.self) { try await document.saved() }
      // Once more at once, in case it had just expired, and then after a while.
      #expect(tokens.asked == 2)
      tokens.replace(with: try server.token())
      await document.connect()
      try await document.statuses { $0 == .synced }
      try await document.saved()
      #expect(try await server.name() == "offline")
      #expect(tokens.asked == 3)
      await document.close()
    }
  }

  @Test func theNextTokenIsAskedForWithoutBeingTold() async throws {
    try await withServer { server in
      let tokens = Tokens(nil, nil, try server.token())
      let document = try server.open(tokens)
      let seen = try await document.statuses { $0 == .synced }
      #expect(seen.contains(.unauthorized("there is no token: SignedOut()")), "\(seen)")
      await document.close()
    }
  }

  @Test func withoutTokensTheServerIsAskedOnce() async throws {
    try await withServer { server in
      let document = try server.openWithoutTokens()
      try await document.statuses { $0.isRefused }
      guard case .disconnected(4401, let reason) = await document.lastFailure else {
        Issue.record("\(String(describing: await document.lastFailure))")
        return
      }
      #expect(reason.contains("a token is needed"))
      await #expect(throws: ClientError.refused(reason)) { try await document.synced() }
    }
  }

  @Test func whoMayNotIsToldAndMayTryAgain() async throws {
    try await withServer { server in
      try server.psql.run("create table kept as select * from project_memberships; delete from project_memberships")
      let tokens = Tokens(try server.token())
      let document = try server.open(tokens)
      try await document.rename("offline")
      try await document.statuses { $0.isRefused }
      guard case .disconnected(4403, _) = await document.lastFailure else {
        Issue.record("\(String(describing: await document.lastFailure))")
        return
      }
      #expect(tokens.asked == 1)
      try server.psql.run("insert into project_memberships select * from kept")
      await document.connect()
      try await document.statuses { $0 == .synced }
      try await document.saved()
      #expect(try await server.name() == "offline")
      await document.close()
    }
  }

  @Test func aReaderKnowsItAndIsStoppedHere() async throws {
    try await withServer { server in
      try server.setRole("viewer")
      let document = try server.open(Tokens(try server.token()))
      let seen = try await document.statuses { $0.isReadOnly }
      #expect(!seen.contains(.synced), "\(seen)")
      await #expect(throws: ClientError.self) { try await document.rename("read-only") }
      await #expect(throws: ClientError.self) { try await document.saved() }
      #expect(await document.name == "Intake")
      try server.setRole("editor")
      try await document.statuses { $0 == .synced }
      try await document.rename("editor")
      try await document.saved()
      #expect(try await server.name() == "editor")
      await document.close()
    }
  }

  @Test func whatWasEditedOfflineWaitsForTheRightToWrite() async throws {
    try await withServer { server in
      let tokens = Tokens(try server.token(id: "the-one"))
      let document = try server.open(tokens)
      try await document.synced()
      try server.store.wait { server.store.revokeToken("the-one", until: 4_000_000_000, $0) }
      try await document.statuses { $0.isUnauthorized }
      try await document.rename("offline")
      try server.setRole("viewer")
      tokens.replace(with: try server.token())
      await document.connect()
      try await document.statuses { $0.isReadOnly }
      #expect(await document.name == "offline")
      #expect(try await server.name() == "Intake")
      try server.setRole("editor")
      try await document.statuses { $0 == .synced }
      try await document.saved()
      #expect(try await server.name() == "offline")
      await document.close()
    }
  }

  @Test func whoBecomesAReaderIsToldAndWritesAgainLater() async throws {
    try await withServer { server in
      let document = try server.open(Tokens(try server.token()))
      try await document.synced()
      try await document.rename("before")
      try await document.saved()
      try server.setRole("viewer")
      try await document.statuses { $0 == .readOnly("you may read this document and not change it") }
      await #expect(throws: ClientError.readOnly("you may read this document and not change it")) {
        try await document.rename("as a reader")
      }
      #expect(await document.name == "before")
      try server.setRole("editor")
      try await document.statuses { $0 == .synced }
      try await document.rename("after")
      try await document.saved()
      #expect(try await server.name() == "after")
      await document.close()
    }
  }

  @Test func aTokenThatIsTakenBackIsReplaced() async throws {
    try await withServer { server in
      let tokens = Tokens(try server.token(id: "the-one"))
      let document = try server.open(tokens)
      try await document.synced()
      try server.store.wait { server.store.revokeToken("the-one", until: 4_000_000_000, $0) }
      let seen = try await document.statuses { $0.isUnauthorized }
      #expect(seen.last == .unauthorized("the token was revoked"), "\(seen)")
      try await document.rename("meanwhile")
      tokens.replace(with: try server.token())
      await document.connect()
      try await document.statuses { $0 == .synced }
      try await document.saved()
      #expect(try await server.name() == "meanwhile")
      await document.close()
    }
  }

  @Test func anotherTokenIsThereBeforeOneIsOver() async throws {
    try await withServer { server in
      let short = try server.token(lifetime: .seconds(3))
      let tokens = Tokens(short, try server.token())
      let document = try server.open(tokens)
      try await document.synced()
      try await tokens.wait(untilAsked: 2)
      try await document.rename("with another token")
      try await document.statuses { $0 == .synced }
      try await document.saved()
      #expect(await document.lastFailure == nil)
      #expect(try await server.name() == "with another token")
      await document.close()
    }
  }

  @Test func itCanBeClosedWhileATokenIsWaitedFor() async throws {
    let document = try SharedDocument("note", on: "ws://127.0.0.1:1/collab") {
      try await Task.sleep(for: .seconds(3600))
      return ""
    }
    await document.close()
    await #expect(throws: ClientError.closed) { try await document.synced() }
  }
}
