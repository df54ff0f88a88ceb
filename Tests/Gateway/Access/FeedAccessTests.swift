import TestSupport
import Testing
import Tokens
import Workflow

@testable import Gateway

/// Feeds of changes end with what allowed them.
@Suite struct FeedAccessTests {
  private let path = "/api/workflows/\(SampleProject.workflow)/changes"

  private func stream(_ site: AccessSite, _ token: String) throws -> EventStream {
    let stream = try EventStream(port: site.port, path, headers: ["Authorization: Bearer \(token)"])
    #expect(try stream.next().name == "position")
    return stream
  }

  @Test func aTokenThatExpiresEndsItsStream() throws {
    var tokens = TokenConfiguration()
    tokens.clockSkew = .zero
    let site = try AccessSite(tokens: tokens)
    defer { site.stop() }
    let stream = try stream(site, site.token(.viewer, lifetime: .seconds(2)))
    #expect(try stream.next("end").data.contains("expired"))
    #expect(try stream.socket.readToEnd().isEmpty)
  }

  @Test func aTokenThatIsRevokedEndsItsStreamAndItsWaiting() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let token = try site.token(.viewer, id: "revoked")
    let stream = try stream(site, token)
    let socket = try TestSocket(port: site.port)
    try socket.send("GET \(path)?since=1&wait=20 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n\r\n")
    #expect(!socket.hasInput(within: 200))
    try site.store.wait { site.store.revokeToken("revoked", until: 4_000_000_000, $0) }
    #expect(try stream.next().name == "end")
    #expect(try socket.readResponse().status == 401)
  }

  @Test func whoIsNoMemberAnyMoreIsToldNothingMore() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let stream = try stream(site, site.token(.viewer))
    try site.psql.run("delete from project_memberships where user_id = '\(Person.viewer.id)'")
    #expect(try stream.next().name == "end")
    let refused = try site.request("GET", "\(path)?since=1", as: .viewer)
    #expect(refused.status == 403)
  }
}
