import TestSupport
import Testing
import Tokens
import Workflow
import YCRDT
import YProtocol

@testable import Gateway

/// Tokens in the frames of the Hocuspocus protocol: who may open which document over one websocket, and what becomes of that.
@Suite struct HocuspocusAccessTests {
  /// A client with one document of its own, over a websocket that others may share.
  final class Tab {
    let socket: TestWebSocket
    let name: String
    let doc = Doc()

    init(_ socket: TestWebSocket, _ name: String = "workflow:\(SampleProject.workflow)") {
      self.socket = socket
      self.name = name
    }

    convenience init(_ site: AccessSite, token: String) throws {
      self.init(try TestWebSocket(port: site.port, target: "/hocuspocus"))
      try send(.token(token))
      try send(.shared(.syncStep1(doc.stateVector.encoded())))
    }

    func send(_ message: HocuspocusMessage) throws {
      try socket.send(.binary, HocuspocusFrame(name: name, message).encoded())
    }

    /// Takes in what comes until something is among it.
    func read<Found>(until found: (HocuspocusMessage) throws -> Found?) throws -> Found {
      let deadline = ContinuousClock.now + .seconds(20)
      while true {
        guard ContinuousClock.now < deadline else { throw TestSocket.Failure(description: "it did not come in time") }
        let frame = try socket.readMessage()
        guard frame.opcode == .binary else {
          throw TestSocket.Failure(description: "closed with \(frame.closeCode ?? 0) \(frame.closeReason)")
        }
        let message = try HocuspocusFrame(decoding: frame.payload).message
        switch message {
        case .shared(.syncStep2(let update)), .shared(.update(let update)): try doc.apply(update)
        default: break
        }
        if let found = try found(message) { return found }
      }
    }

    /// Whether it may write, or the reason why it may not even read.
    func answer() throws -> (isReadOnly: Bool?, refusal: String?) {
      try read { message in
        switch message {
        case .authenticated(let isReadOnly): (isReadOnly, nil)
        case .permissionDenied(let reason): (nil, reason)
        default: nil
        }
      }
    }

    func load() throws { _ = try read { if case .shared(.syncStep2) = $0 { true } else { nil } } }

    /// Gives the workflow a name, and says whether that is stored.
    func rename(_ name: String) throws -> Bool {
      var update: [UInt8] = []
      let subscription = doc.observeUpdates { update = $0.update }
      defer { subscription.cancel() }
      try doc.transact { try doc.map("workflow").set("name", .string(name)) }
      try send(.shared(.update(update)))
      return try read { if case .syncStatus(let isStored) = $0 { isStored } else { nil } }
    }
  }

  private func site(grace: Duration = .seconds(60)) throws -> AccessSite {
    try AccessSite(grace: grace) { $0.tickInterval = .milliseconds(20) }
  }

  private func title(_ site: AccessSite) throws -> String? {
    try site.request("GET", "/api/workflows/\(SampleProject.workflow)", as: .owner).json["data"]?["name"]?.string
  }

  @Test func everybodyMayDoInADocumentWhatTheirRoleAllows() throws {
    let site = try site()
    defer { site.stop() }
    for person in Person.allCases {
      let tab = try Tab(site, token: site.token(person))
      let (isReadOnly, refusal) = try tab.answer()
      #expect((refusal == nil) == person.capacity.may(.read), "\(person): \(refusal ?? "")")
      guard refusal == nil else { continue }
      #expect(isReadOnly == !person.capacity.may(.edit), "\(person)")
      try tab.load()
      // The first answer to a reader is about the step 2 that was not asked for.
      if isReadOnly == true { _ = try tab.read { if case .syncStatus = $0 { true } else { nil } } }
      #expect(try tab.rename("\(person)") == person.capacity.may(.edit), "\(person)")
      #expect((try title(site) == "\(person)") == person.capacity.may(.edit), "\(person)")
    }
  }

  @Test func eachDocumentNeedsAGoodTokenAndTheConnectionStays() throws {
    let site = try site()
    defer { site.stop() }
    let socket = try TestWebSocket(port: site.port, target: "/hocuspocus")
    let silent = Tab(socket)
    try silent.send(.shared(.syncStep1(silent.doc.stateVector.encoded())))
    #expect(try silent.answer().refusal?.contains("token") == true)
    let token = try site.token(.editor)
    for (index, wrong) in ["", "nonsense", token + "x"].enumerated() {
      let tab = Tab(socket, "workflow:\(SampleProject.workflow)\0\(index)")
      try tab.send(.token(wrong))
      #expect(try tab.answer().refusal?.contains("token") == true, "\(wrong)")
      // Nothing that it sends now is answered, or reaches anybody.
      try tab.send(.shared(.syncStep1(tab.doc.stateVector.encoded())))
      try tab.send(.shared(.update([1, 2, 3])))
      try tab.send(.token(token))
      #expect(try tab.answer().isReadOnly == false)
    }
    #expect(!site.log.text.contains(token) && !site.log.text.contains("nonsense"))
  }

  @Test func whatIsSentBeforeItIsDecidedIsNotLostAndIsBounded() throws {
    let site = try site()
    defer { site.stop() }
    let token = try site.token(.editor)
    let lock = try PlainConnection(site.address)
    _ = try lock.run("begin")
    _ = try lock.run("lock table users in access exclusive mode")
    let greedy = try Tab(site, token: token)
    for _ in 0..<5 { try greedy.send(.stateless(String(repeating: "x", count: 60_000))) }
    #expect(try greedy.socket.readMessage().closeCode == 1008)
    let patient = try Tab(site, token: token)
    try patient.send(.stateless("heddle:events"))
    _ = try lock.run("commit")
    #expect(try patient.answer().isReadOnly == false)
    try patient.load()
    _ = try patient.read { if case .stateless = $0 { true } else { nil } }
  }

  @Test func whoBecomesAReaderStaysAndMayWriteAgainLater() throws {
    let site = try site()
    defer { site.stop() }
    let tab = try Tab(site, token: site.token(.editor))
    #expect(try tab.answer().isReadOnly == false)
    try tab.load()
    #expect(try tab.rename("before"))
    try site.psql.run("update project_memberships set role = 'viewer' where user_id = '\(Person.editor.id)'")
    #expect(try tab.answer().isReadOnly == true)
    #expect(try !tab.rename("as a reader"))
    #expect(try title(site) == "before")
    try site.psql.run("update project_memberships set role = 'editor' where user_id = '\(Person.editor.id)'")
    #expect(try tab.answer().isReadOnly == false)
    #expect(try tab.rename("after"))
  }

  @Test func whoLosesAccessGetsNothingMoreAndTheDocumentIsClosedLater() throws {
    let site = try site(grace: .milliseconds(300))
    defer { site.stop() }
    let tab = try Tab(site, token: site.token(.editor))
    #expect(try tab.answer().isReadOnly == false)
    try tab.load()
    try site.psql.run("delete from project_memberships where user_id = '\(Person.editor.id)'")
    #expect(try tab.answer().refusal?.contains("permission") == true)
    let other = try Tab(site, token: site.token(.owner))
    #expect(try other.answer().isReadOnly == false)
    try other.load()
    #expect(try other.rename("secret"))
    let reason = try tab.read { message -> String? in
      if case .close(let reason) = message { reason } else { nil }
    }
    #expect(reason.contains("permission"))
    #expect(tab.doc.map("workflow")["name"]?.value?.string != "secret")
    // The websocket is there, for others and for another try.
    try tab.send(.token(site.token(.viewer)))
    #expect(try tab.answer().isReadOnly == true)
  }

  @Test func whatIsWrittenIsTheUsers() throws {
    let site = try site()
    defer { site.stop() }
    let tab = try Tab(site, token: site.token(.editor))
    _ = try tab.answer()
    try tab.load()
    #expect(try tab.rename("whose"))
    let blame = try site.request(
      "GET", "/api/workflows/\(SampleProject.workflow)/blame?path=workflow/name", as: .viewer)
    let actor = blame.json["data"]?["writes"]?.array?.last?["actor"]
    #expect(actor?["id"] == .string(Person.editor.id), "\(blame.text)")
  }
}
