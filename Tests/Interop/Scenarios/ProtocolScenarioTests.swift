import Testing
import Workflow

/// What happens to people who edit together, whatever protocol their editor speaks.
enum ProtocolScenario: String, CaseIterable, Sendable {
  case joinStorm = "many join at once and edit"
  case offlineEdits = "edits made offline arrive"
  case reconnect = "who lost the connection misses nothing"
  case awarenessSeen = "everybody sees who is there"
  case awarenessRemoved = "who leaves or vanishes is seen no more"
  case readOnly = "a viewer's edits are refused, and told to be"
  case demotion = "who becomes a viewer is told, and stays"
  case promotion = "who becomes an editor may write, and what was written before arrives"
  case wrongToken = "a wrong token is told"
  case expiredToken = "an expired token is told"
  case expiry = "a connection ends with its token, and goes on with another"
  case revokedToken = "a token that is taken back ends the connection"
  case noMember = "who is no member is told, and gets nothing"
  case unknownDocument = "an unknown document is told, without a close"
  case versions = "two saved versions are open beside the live document"
  case saveError = "a save that is refused is told in the document, until it is mended"
  case importMerge = "an import is merged into unsaved edits"
  case acknowledgement = "an edit is acknowledged after its commit, and not before"
  case restart = "the server restarts, and nothing is lost"
  case anew = "a document that was made anew is not merged with the old one"
  case malformedFrame = "an unreadable frame ends the connection of its sender alone"
  case allProtocols = "one document, edited over every protocol at once"
}

/// Every scenario over every protocol.
@Suite(.serialized, .stage) struct ProtocolScenarioTests {
  @Test(arguments: ProtocolScenario.allCases, ScriptedClient.Kind.allCases)
  func plays(_ scenario: ProtocolScenario, over kind: ScriptedClient.Kind) async throws {
    let play = try Play(try #require(StageBox.current).stage, kind)
    let start = ContinuousClock.now
    try await play.run(scenario)
    try await play.end()
    let time = (ContinuousClock.now - start) / .milliseconds(1)
    print("scenario over \(kind.rawValue): \(scenario.rawValue) (\(Int(time)) ms)")
  }
}

extension Play {
  func run(_ scenario: ProtocolScenario) async throws {
    switch scenario {
    case .joinStorm: try await joinStorm()
    case .offlineEdits: try await offlineEdits()
    case .reconnect: try await reconnect()
    case .awarenessSeen: try await awarenessSeen()
    case .awarenessRemoved: try await awarenessRemoved()
    case .readOnly: try await readOnly()
    case .demotion: try await demotion()
    case .promotion: try await promotion()
    case .wrongToken: try await refused("nonsense")
    case .expiredToken: try await refused(try stage.token(lifetime: .seconds(-60)))
    case .expiry: try await expiry()
    case .revokedToken: try await revokedToken()
    case .noMember: try await noMember()
    case .unknownDocument: try await unknownDocument()
    case .versions: try await versions()
    case .saveError: try await saveError()
    case .importMerge: try await importMerge()
    case .acknowledgement: try await acknowledgement()
    case .restart: try await restart()
    case .anew: try await anew()
    case .malformedFrame: try await malformedFrame()
    case .allProtocols: try await allProtocols()
    }
  }

  // MARK: Editing

  private func joinStorm() async throws {
    var clients: [ScriptedClient] = []
    for _ in 0..<4 { clients.append(try await client()) }
    for client in clients { try await client.wait(.synced()) }
    for (index, client) in clients.enumerated() { try await type("from \(index)\n", with: client) }
    try await expectAgreement(clients)
    let body = try await body(at: clients[0])
    #expect((0..<4).allSatisfy { body.contains("from \($0)\n") }, "\(body)")
  }

  private func offlineEdits() async throws {
    let (client, other) = (try await joined(), try await observer())
    try await client.disconnect()
    try await client.wait(.connected(false))
    try await type("offline\n", with: client)
    try await type("meanwhile\n", with: other)
    try await client.connect()
    try await see("offline", at: other)
    try await see("meanwhile", at: client)
    try await expectAgreement([client, other])
  }

  private func reconnect() async throws {
    let (client, other) = (try await joined(), try await observer())
    try await client.drop()
    try await client.wait(.connected(false))
    try await type("missed\n", with: other)
    try await other.acknowledge()
    try await client.connect()
    try await see("missed", at: client)
    try await expectAgreement([client, other])
  }

  private func importMerge() async throws {
    let (client, other) = (try await joined(), try await observer())
    try await type("// unsaved\n", with: client)
    try await client.acknowledge()
    try importProject(secondBody: "imported();\n")
    for each in [client, other] {
      try await each.wait(.text(at: sample.secondBody, contains: "imported();"))
      try await see("// unsaved", at: each)
    }
    try await expectAgreement([client, other])
  }

  private func allProtocols() async throws {
    var clients = [try await joined()]
    for kind in ScriptedClient.Kind.allCases { clients.append(try await joined(kind)) }
    for (index, client) in clients.enumerated() {
      try await client.show(["name": .string("\(index)")])
      try await type("from \(index)\n", with: client)
    }
    for client in clients {
      try await client.wait(.clients(clients.count))
      for index in clients.indices { try await see("from \(index)\n", at: client) }
    }
    try await expectAgreement(clients)
  }

  // MARK: Who is there

  private func awarenessSeen() async throws {
    let (client, other) = (try await joined(), try await observer())
    try await client.show(["user": ["name": "Ada"]])
    try await other.show(["user": ["name": "Grace"]])
    for each in [client, other] {
      try await each.wait(.clients(2))
      let names = try await each.shown().values.compactMap { $0["user"]?["name"]?.string }
      #expect(names.sorted() == ["Ada", "Grace"])
    }
  }

  private func awarenessRemoved() async throws {
    let other = try await observer()
    let states: [JSONValue] = [["name": "leaves"], ["name": "vanishes"]]
    for (index, state) in states.enumerated() {
      let client = try await joined()
      let id = number(of: client)
      try await client.show(state)
      try await other.wait(.client(id, shows: state))
      if index == 0 { try await client.disconnect() } else { try await client.drop() }
      try await other.wait(.client(id, shows: nil))
    }
  }

  // MARK: Who may what

  private func readOnly() async throws {
    try setRole("viewer")
    let (client, other) = (try await joined(), try await observer())
    try await type("by a viewer\n", with: client)
    try await client.waitUntilEditIsRefused()
    try await type("by the boss\n", with: other)
    try await see("by the boss", at: client)
    let body = try await body(at: other)
    #expect(!body.contains("viewer"))
    #expect(try await client.summary()["closes"] == [])
  }

  private func demotion() async throws {
    let (client, other) = (try await joined(), try await observer())
    try await type("as an editor\n", with: client)
    try await client.acknowledge()
    try setRole("viewer")
    try await client.waitUntilReader()
    try await type("as a viewer\n", with: client)
    try await type("by the boss\n", with: other)
    try await see("by the boss", at: client)
    let body = try await body(at: other)
    #expect(body.contains("as an editor") && !body.contains("as a viewer"), "\(body)")
    #expect(try await client.summary()["closes"] == [])
  }

  private func promotion() async throws {
    try setRole("viewer")
    let (client, other) = (try await joined(), try await observer())
    try await type("before\n", with: client)
    try await client.waitUntilEditIsRefused()
    try setRole("editor")
    try await client.waitUntilWriter()
    try await see("before", at: other)
    try await type("after\n", with: client)
    try await see("after", at: other)
    try await expectAgreement([client, other])
  }

  private func refused(_ token: String) async throws {
    let client = try await client(token: token)
    try await client.waitUntilTokenIsRefused()
    #expect(try await body(at: client).isEmpty)
    if client.isClosedWhereRefused {
      #expect(try await client.summary()["closes"] == [])
      try await client.wait(.closes(1))
      #expect(try await client.lastClose() == client.lossCodes.token)
    }
  }

  private func expiry() async throws {
    let client = try await joined(token: try stage.token(lifetime: .seconds(1)))
    try await client.waitUntilDenied()
    try await type("meanwhile\n", with: client)
    try await client.wait(.closes(1))
    #expect(try await client.lastClose() == client.lossCodes.token)
    try await client.come(back: try stage.token())
    let other = try await observer()
    try await see("meanwhile", at: other)
    try await expectAgreement([client, other])
  }

  private func revokedToken() async throws {
    let id = SampleWorkflow.id()
    let (client, other) = (try await joined(token: try stage.token(id: id)), try await observer())
    try stage.database.run("insert into revoked_tokens (id, expires_at) values ('\(id)', now() + interval '1 day')")
    try await client.waitUntilDenied()
    try await type("secret\n", with: other)
    try await other.acknowledge()
    try await client.wait(.closes(1))
    #expect(try await client.lastClose() == client.lossCodes.token)
    let body = try await body(at: client)
    #expect(!body.contains("secret"))
  }

  private func noMember() async throws {
    try setRole(nil)
    let client = try await client()
    try await client.waitUntilDenied()
    #expect(try await body(at: client).isEmpty)
    if client.isClosedWhereRefused {
      try await client.wait(.closes(1))
      #expect(try await client.lastClose() == client.lossCodes.owner)
    }
  }

  // MARK: Documents

  private func unknownDocument() async throws {
    // For who may see everything: others are told that they may not.
    for name in ["\(sample.document):v7", "workflow:nonsense"] {
      let client = try await client(token: try stage.token(Stage.boss), document: name)
      try await client.waitUntilDenied()
      let summary = try await client.summary()
      #expect(summary["closes"] == [] && summary["connected"] == true && summary["synced"] == false, "\(name)")
    }
  }

  private func versions() async throws {
    try importProject(firstBody: "second();\n")
    let live = try await joined()
    let (first, second) = (try await joined(version: 1), try await joined(version: 2))
    try await type("third\n", with: live)
    try await live.acknowledge()
    #expect(try await first.value(at: sample.body) == .string(SampleWorkflow.firstBody))
    #expect(try await second.value(at: sample.body) == "second();\n")
    try await type("mine\n", with: first)
    try await first.waitUntilEditIsRefused()
    #expect(try await live.value(at: sample.body) == "third\nsecond();\n")
  }

  private func saveError() async throws {
    let (client, other) = (try await joined(), try await observer())
    try await client.edit(.set(sample.firstJob, "name", ""))
    try await client.acknowledge()
    _ = try post("save", expecting: 422)
    for each in [client, other] {
      try await each.wait(Condition(json: ["path": ["errors", "jobs"], "present": true]))
    }
    try await other.edit(.set(sample.firstJob, "name", "Fetch again"))
    try await other.acknowledge()
    _ = try post("save")
    for each in [client, other] { try await each.wait(.nothing(at: ["errors", "jobs"])) }
  }

  private func acknowledgement() async throws {
    let (client, other) = (try await joined(), try await observer())
    try stage.database.run("begin; lock table document_updates in exclusive mode")
    try await type("mine\n", with: client)
    let number = try await client.perform("ask")
    try await see("mine", at: other)
    try await type("theirs\n", with: other)
    // What comes later on the same connection is here: an acknowledgement would be as well.
    try await see("theirs", at: client)
    let acknowledged = try await client.summary()["acknowledged"]?.integer ?? 0
    try stage.database.run("commit")
    #expect(acknowledged < number.integer ?? 0)
    try await client.wait(Condition(json: ["acknowledged": number]))
  }

  private func restart() async throws {
    let (client, other) = (try await joined(), try await observer())
    try await type("before\n", with: client)
    try await client.acknowledge()
    try stage.restart()
    try await type("meanwhile\n", with: client)
    try await client.wait(.synced())
    try await see("meanwhile", at: other)
    #expect(try await client.summary()["closes"]?.array?.first?["code"] == 1012)
    try await expectAgreement([client, other])
  }

  private func anew() async throws {
    let client = try await joined()
    try await type("unsaved\n", with: client)
    try await client.acknowledge()
    try await client.disconnect()
    try await client.wait(.connected(false))
    try await type("offline\n", with: client)
    _ = try post("renew")
    try await client.connect()
    try await client.waitUntilDenied()
    let other = try await observer()
    let jobs = try await other.content()["jobs"]?.array ?? []
    #expect(jobs.count == 2 && (jobs.first?["body"]?.string ?? "").hasPrefix("unsaved\n"), "\(jobs)")
    // What only it had waits for somebody to look at it.
    let branches = try stage.request("GET", "/api/workflows/\(sample.id)/branches")["data"]?.array
    #expect(branches?.count == 1)
  }

  private func malformedFrame() async throws {
    let (client, other) = (try await joined(), try await observer())
    try await client.send(client.malformedFrame(sample.document))
    try await client.wait(.closes(1))
    #expect(try await client.lastClose() == 1002)
    // It comes back on its own, and nobody else has noticed.
    try await client.wait(.synced())
    try await type("still here\n", with: client)
    try await see("still here", at: other)
    #expect(try await other.summary()["closes"] == [])
  }
}
