import Storage
import TestSupport
import Testing
import Tokens
import Workflow

@testable import Gateway

/// What a page learns of who uses it.
@Suite struct WhoAmITests {
  private static let access = "/api/workflows/\(SampleProject.workflow)/access"

  private func verbs(_ answer: TestResponse) -> Set<String> {
    Set(answer.json["data"]?["may"]?.array?.compactMap(\.string) ?? ["none"])
  }

  @Test func everybodyLearnsWhoTheyAreAndWhatTheyMay() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let inProject = Set(Verb.allCases).subtracting([.createProject, .operate, .connect])
    for person in Person.allCases {
      let me = try site.request("GET", "/api/me", as: person)
      #expect(me.status == 200 && me.headers["cache-control"] == "no-store")
      let isRepository = person == .repository || person == .otherRepository
      #expect(me.json["data"]?["actor"]?["type"] == (isRepository ? "repository" : "user"), "\(me.text)")
      if !isRepository { #expect(me.json["data"]?["actor"]?["name"] == .string(person.rawValue)) }
      let onServer = [Verb.createProject, .operate, .connect].filter(person.capacity.may)
      #expect(verbs(me) == Set(onServer.map(\.rawValue)), "\(person): \(me.text)")
      let left = try #require(me.json["data"]?["expires_at"]?.integer) - Int(TimeOfDay.now / 1000)
      #expect((590...600).contains(left))
      guard person.capacity.may(.read) else { continue }
      let there = try site.request("GET", Self.access, as: person)
      #expect(verbs(there) == Set(inProject.filter(person.capacity.may).map(\.rawValue)), "\(person): \(there.text)")
      let role: JSONValue = person == .superEditor ? "editor" : .string(person.rawValue)
      #expect(there.json["data"]?["role"] == role, "\(there.text)")
    }
  }

  @Test func whereNobodyHasToSayWhoTheyAreEverybodyMayEverything() throws {
    let site = try AccessSite(wantsTokens: false)
    defer { site.stop() }
    let me = try site.request("GET", "/api/me")
    #expect(me.status == 200 && me.json["data"]?["actor"] == .null && me.json["data"]?["expires_at"] == .null)
    #expect(verbs(me).contains("operate"))
    let there = try site.request("GET", Self.access)
    #expect(there.json["data"]?["role"] == .null && verbs(there).isSuperset(of: ["read", "edit", "renew"]))
  }

  @Test func whoHasNoGoodTokenIsNobody() throws {
    let site = try AccessSite()
    defer { site.stop() }
    let revoked = try site.token(.owner, id: "revoked")
    try site.store.wait { site.store.revokeToken("revoked", until: 4_000_000_000, $0) }
    for token in [nil, "nonsense", revoked] {
      let answer = try site.request("GET", "/api/me", token: token)
      #expect(answer.status == 401 && answer.json["type"] == "unauthenticated", "\(answer.text)")
    }
    let connection = try #require(try site.request("POST", "/api/tokens", as: .owner).json["token"]?.string)
    #expect(try site.request("GET", "/api/me", token: connection).status == 403)
  }
}
