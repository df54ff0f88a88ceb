import Storage
import TestSupport
import Testing
import Tokens
import Workflow
import YCRDT
import YProtocol

@testable import Gateway

/// Who may open a document, who may write in it, and what becomes of that while they are there.
@Suite struct CollabAccessTests {
  /// A client with a document of its own, which it is told of and tells of.
  final class Tab {
    let socket: TestWebSocket
    let doc = Doc()

    init(_ site: AccessSite, token: String?, workflow: String = SampleProject.workflow, version: Int? = nil) throws {
      let name = "workflow:\(workflow)" + (version.map { ":v\($0)" } ?? "")
      socket = try TestWebSocket(port: site.port, target: "/collab/\(name)" + (token.map { "?token=\($0)" } ?? ""))
      try send(.syncStep1(doc.stateVector.encoded()))
    }

    func send(_ message: Message) throws { try socket.send(.binary, message.encoded()) }

    /// Takes in what comes until something is among it; a close frame that comes first is an error.
    @discardableResult
    func read<Found>(until found: (Message) throws -> Found?) throws -> Found {
      // The server says something every now and then: silence alone does not end a wait.
      let deadline = ContinuousClock.now + .seconds(20)
      while true {
        guard ContinuousClock.now < deadline else { throw TestSocket.Failure(description: "it did not come in time") }
        let frame = try socket.readMessage()
        guard frame.opcode == .binary else {
          throw TestSocket.Failure(description: "closed with \(frame.closeCode ?? 0) \(frame.closeReason)")
        }
        let message = try Message(decoding: frame.payload)
        switch message {
        case .syncStep2(let update), .update(let update): try doc.apply(update)
        default: break
        }
        if let found = try found(message) { return found }
      }
    }

    /// What it is told when it gets the document, or does not: nil for the document.
    func welcome() throws -> String? {
      try read { message -> String?? in
        switch message {
        case .syncStep2: .some(nil)
        case .permissionDenied(let reason): .some(reason)
        default: nil
        }
      }
    }

    func denied() throws -> String {
      try read { if case .permissionDenied(let reason) = $0 { reason } else { nil } }
    }

    func asked() throws {
      _ = try read { if case .syncStep1 = $0 { true } else { nil } }
    }

    /// Everything from now on, until the connection is closed.
    func rest() throws -> (messages: [Message], close: Int?) {
      var messages: [Message] = []
      while true {
        let frame = try socket.readMessage()
        guard frame.opcode == .binary else { return (messages, frame.closeCode) }
        messages.append(try Message(decoding: frame.payload))
      }
    }

    /// Gives the workflow a name.
    func rename(_ name: String) throws {
      var update: [UInt8] = []
      let subscription = doc.observeUpdates { update = $0.update }
      defer { subscription.cancel() }
      try doc.transact { try doc.map("workflow").set("name", .string(name)) }
      try send(.update(update))
    }

    var name: String? { doc.map("workflow")["name"]?.value?.string }

    /// Waits until everybody's document has this name.
    func see(_ wanted: String) throws {
      guard name != wanted else { return }
      _ = try read { [self] _ in name == wanted ? true : nil }
    }

    /// Has everything that it sent before stored, or comes back without that where it may not write.
    func acknowledge() throws {
      try send(.syncStatus([7]))
      _ = try read { if case .syncStatus = $0 { true } else { nil } }
    }
  }

  private static func quick(_ network: inout ServerConfiguration) { network.tickInterval = .milliseconds(20) }

  private func site(grace: Duration = .milliseconds(100)) throws -> AccessSite {
    try AccessSite(grace: grace, network: Self.quick)
  }

  @Test func everybodyMayDoInADocumentWhatTheirRoleAllows() throws {
    let site = try site(grace: .seconds(60))
    defer { site.stop() }
    let watcher = try Tab(site, token: site.token(.owner))
    #expect(try watcher.welcome() == nil)
    for person in Person.allCases {
      let tab = try Tab(site, token: site.token(person))
      let refusal = try tab.welcome()
      #expect((refusal == nil) == person.capacity.may(.read), "\(person): \(refusal ?? "")")
      guard refusal == nil else {
        #expect(refusal?.contains("permission") == true && tab.name == nil, "\(person)")
        continue
      }
      #expect(tab.name == watcher.name)
      try tab.rename("\(person)")
      if person.capacity.may(.edit) {
        try tab.acknowledge()
        try watcher.see("\(person)")
      } else {
        #expect(try tab.denied().contains("not change it"), "\(person)")
        // Nor did it reach anybody else.
        try watcher.acknowledge()
        #expect(watcher.name != "\(person)")
      }
    }
  }

  @Test func anybodyWhoMayReadMayReadASavedVersionAndNobodyMayWriteIt() throws {
    let site = try site(grace: .seconds(60))
    defer { site.stop() }
    let body: JSONValue = [
      "id": .string(SampleProject.id), "name": "sample",
      "workflows": [["id": .string(SampleProject.workflow), "name": "First"]],
    ]
    #expect(try site.request("POST", "/api/provision", body, as: .owner).status == 201)
    for person in [Person.viewer, .owner, .nobody] {
      let tab = try Tab(site, token: site.token(person), version: 1)
      #expect((try tab.welcome() == nil) == person.capacity.may(.read))
      guard person != .nobody else { continue }
      try tab.rename("mine")
      #expect(try tab.denied() == "this document is read-only")
    }
  }

  @Test func whoHasNoGoodTokenIsToldAndClosedLater() throws {
    let site = try site()
    defer { site.stop() }
    let old = try site.issuer.issue(
      to: Person.owner.subject, id: "1", lifetime: .seconds(60), now: TimeOfDay.now - 3_600_000)
    for token in [nil, "nonsense", old.text] {
      let tab = try Tab(site, token: token)
      #expect(try tab.denied().contains("token"))
      try tab.rename("mine")
      let (messages, close) = try tab.rest()
      #expect(messages.isEmpty && close == 4401, "\(messages)")
    }
    let stranger = try Tab(site, token: site.token(.nobody))
    #expect(try stranger.denied().contains("permission"))
    #expect(try stranger.rest().close == 4403)
    #expect(!site.log.text.contains(old.text) && !site.log.text.contains("nonsense"))
  }

  @Test func aConnectionTokenOpensADocument() throws {
    let site = try site()
    defer { site.stop() }
    let token = try #require(try site.request("POST", "/api/tokens", as: .editor).json["token"]?.string)
    let tab = try Tab(site, token: token)
    #expect(try tab.welcome() == nil)
    try tab.rename("by a connection token")
    try tab.acknowledge()
    #expect(!site.log.text.contains(token))
  }

  // MARK: Changes

  private func setRole(_ role: String, of person: Person, _ site: AccessSite) throws {
    try site.psql.run("update project_memberships set role = '\(role)' where user_id = '\(person.id)'")
  }

  @Test func whoBecomesAReaderStaysAndMayWriteAgainLater() throws {
    let site = try site()
    defer { site.stop() }
    let (watcher, tab) = (try Tab(site, token: site.token(.owner)), try Tab(site, token: site.token(.editor)))
    for each in [watcher, tab] { #expect(try each.welcome() == nil) }
    try tab.rename("before")
    try tab.acknowledge()
    try watcher.see("before")
    try setRole("viewer", of: .editor, site)
    #expect(try tab.denied().contains("not change it"))
    try tab.rename("as a reader")
    _ = try tab.denied()
    try watcher.rename("meanwhile")
    try watcher.acknowledge()
    #expect(watcher.name == "meanwhile")
    try setRole("editor", of: .editor, site)
    // It is asked for what it has, what it wrote as a reader included.
    try tab.asked()
    try tab.send(.syncStep2(tab.doc.encodeStateAsUpdate()))
    try tab.rename("after")
    try tab.acknowledge()
    try watcher.see("after")
  }

  @Test func whatHappenedWithoutANoticeIsFoundOut() throws {
    let site = try AccessSite(network: Self.quick) { $0.pollInterval = .milliseconds(50) }
    defer { site.stop() }
    let tab = try Tab(site, token: site.token(.editor))
    #expect(try tab.welcome() == nil)
    try site.psql.run("alter table project_memberships disable trigger z_changed")
    try setRole("viewer", of: .editor, site)
    #expect(try tab.denied().contains("not change it"))
  }

  static let losses: [(what: String, code: Int)] = [
    ("delete from project_memberships where user_id = '\(Person.editor.id)'", 4403),
    ("delete from users where id = '\(Person.editor.id)'", 4401),
    ("update users set tokens_not_before = now() + interval '1 minute' where id = '\(Person.editor.id)'", 4401),
    ("insert into revoked_tokens (id, expires_at) values ('the-one', now() + interval '1 day')", 4401),
  ]

  @Test(arguments: losses) func whoLosesAccessGetsNothingMoreAndIsClosedLater(what: String, code: Int) throws {
    let site = try site(grace: .milliseconds(500))
    defer { site.stop() }
    let watcher = try Tab(site, token: site.token(.owner))
    let tab = try Tab(site, token: site.token(.editor, id: "the-one"))
    for each in [watcher, tab] { #expect(try each.welcome() == nil) }
    try site.psql.run(what)
    _ = try tab.denied()
    try watcher.rename("secret")
    try watcher.acknowledge()
    try tab.rename("mine")
    let (messages, close) = try tab.rest()
    #expect(messages.isEmpty && close == code, "\(messages)")
    try watcher.acknowledge()
    #expect(watcher.name == "secret")
  }

  @Test func aConnectionEndsWithItsToken() throws {
    var tokens = TokenConfiguration()
    tokens.clockSkew = .zero
    let site = try AccessSite(grace: .milliseconds(100), network: Self.quick, tokens: tokens)
    defer { site.stop() }
    let tab = try Tab(site, token: site.token(.editor, lifetime: .seconds(1)))
    #expect(try tab.welcome() == nil)
    #expect(try tab.denied().contains("expired"))
    #expect(try tab.rest().close == 4401)
  }

  @Test func aRevokedTokenEndsTheConnectionsOfItsConnectionTokens() throws {
    let site = try site()
    defer { site.stop() }
    let session = try site.token(.editor, id: "the-one")
    let token = try #require(try site.request("POST", "/api/tokens", token: session).json["token"]?.string)
    let tab = try Tab(site, token: token)
    #expect(try tab.welcome() == nil)
    try site.store.wait { site.store.revokeToken("the-one", until: 4_000_000_000, $0) }
    #expect(try tab.denied().contains("revoked"))
  }

  // MARK: Others

  @Test func aTokenMayComeAmongTheSubprotocolsAndIsNotSentBack() throws {
    let site = try site(grace: .seconds(60))
    defer { site.stop() }
    let token = try site.token(.viewer)
    for target in ["/collab/workflow:\(SampleProject.workflow)", "/socket/websocket?vsn=2.0.0"] {
      let offered = "Sec-WebSocket-Protocol: heddle, heddle.token.\(token)"
      let socket = try TestWebSocket(port: site.port, target: target, headers: [offered])
      #expect(socket.subprotocol == "heddle", "\(target)")
      guard target.hasPrefix("/collab") else { continue }
      try socket.send(.binary, Message.syncStep1(StateVector().encoded()).encoded())
      let first = try Message(decoding: socket.readMessage().payload)
      if case .syncStep2 = first {} else { Issue.record("\(first)") }
    }
    #expect(!site.log.text.contains(token))
  }

  @Test func withoutOurSubprotocolNoneIsSelected() throws {
    let site = try site(grace: .seconds(60))
    defer { site.stop() }
    let target = "/collab/workflow:\(SampleProject.workflow)?token=\(try site.token(.viewer))"
    for headers in [[], ["Sec-WebSocket-Protocol: chat, heddle.token.nonsense"]] {
      let socket = try TestWebSocket(port: site.port, target: target, headers: headers)
      #expect(socket.subprotocol == nil, "\(headers)")
    }
  }

  @Test func pagesFromElsewhereGetNoWebsocket() throws {
    let site = try AccessSite(origins: .only(["https://editor.example.com"]))
    defer { site.stop() }
    let path = "/collab/workflow:\(SampleProject.workflow)?token=\(try site.token(.owner))"
    for (origin, status) in [("https://evil.example.com", 403), ("null", 403), ("https://editor.example.com", 101)] {
      let socket = try TestSocket(port: site.port)
      let answer = try socket.get(path, headers: TestWebSocket.handshakeHeaders + ["Origin: \(origin)"])
      #expect(answer.status == status, "\(origin)")
    }
    _ = try TestWebSocket(port: site.port, target: path)
  }

  @Test func whatIsWrittenIsTheUsers() throws {
    let site = try site()
    defer { site.stop() }
    let tab = try Tab(site, token: site.token(.editor))
    #expect(try tab.welcome() == nil)
    try tab.rename("whose")
    try tab.acknowledge()
    let blame = try site.request(
      "GET", "/api/workflows/\(SampleProject.workflow)/blame?path=workflow/name", as: .viewer)
    let actor = blame.json["data"]?["writes"]?.array?.last?["actor"]
    #expect(actor == ["type": "user", "id": .string(Person.editor.id), "name": "editor"], "\(blame.text)")
    #expect(try site.request("POST", "/api/workflows/\(SampleProject.workflow)/save", as: .editor).status == 200)
    let records = try site.request("GET", "/api/workflows/\(SampleProject.workflow)/reconciliations", as: .viewer)
    #expect(records.json["data"]?.array?.first?["actor"]?["id"] == .string(Person.editor.id), "\(records.text)")
  }
}
