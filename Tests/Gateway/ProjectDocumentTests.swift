import TestSupport
import Testing
import Workflow
import YProtocol

@testable import Gateway

/// How many documents of one project may be open, in each protocol.
@Suite struct ProjectDocumentTests {
  private typealias Tab = CollabAccessTests.Tab

  private static let workflows = (1...4).map { "77777777-7777-4777-8777-77777777777\($0)" }
  private static let otherWorkflow = "88888888-8888-4888-8888-888888888888"
  private static let reason = "2 documents open on this server"

  /// A server that has room for two documents of a project.
  private func withSite(_ body: (AccessSite) throws -> Void) throws {
    let site = try AccessSite(
      network: { $0.tickInterval = .milliseconds(20) },
      gateway: {
        $0.maximumDocumentsPerProject = 2
        $0.room.unloadGrace = 100
      })
    defer { site.stop() }
    for workflow in Self.workflows {
      try site.psql.run(
        "insert into workflows (id, project_id, name) values ('\(workflow)', '\(SampleProject.id)', '\(workflow)')")
    }
    try site.psql.run(
      "insert into workflows (id, project_id, name) values ('\(Self.otherWorkflow)', '\(Person.otherProject)', 'other')"
    )
    try site.psql.run(
      """
      insert into project_memberships (project_id, user_id, role)
      values ('\(Person.otherProject)', '\(Person.superEditor.id)', 'editor')
      """)
    try body(site)
  }

  private func open(_ workflow: String, _ site: AccessSite) throws -> Tab {
    let tab = try Tab(site, token: site.token(.superEditor), workflow: workflow)
    let refusal = try tab.welcome()
    try #require(refusal == nil)
    return tab
  }

  /// Tries until there is room: a document stays open for a moment after the last one has left.
  private func waitForRoom(_ workflow: String, _ site: AccessSite) throws -> Tab {
    try value(of: "room for \(workflow)") {
      let tab = try Tab(site, token: site.token(.superEditor), workflow: workflow)
      return try tab.welcome() == nil ? tab : nil
    }
  }

  @Test func aProjectHasSoManyDocumentsOpen() throws {
    try withSite { site in
      let tabs = try Self.workflows.prefix(2).map { try open($0, site) }
      // Not a third one, in no protocol, and no saved version.
      let third = try Tab(site, token: site.token(.superEditor), workflow: Self.workflows[2])
      #expect(try third.welcome()?.contains(Self.reason) == true)
      let version = try Tab(site, token: site.token(.superEditor), version: 1)
      #expect(try version.welcome() != nil)
      let metrics = try site.request("GET", "/metrics", token: site.token(.superuser)).text
      #expect(metrics.contains("heddle_refusals_total{limit=\"project_documents\"} "))
      #expect(!metrics.contains("heddle_refusals_total{limit=\"project_documents\"} 0"))
      // Those that are open take more members, and other projects have documents of their own.
      #expect(try open(Self.workflows[0], site).name == Self.workflows[0])
      #expect(try open(Self.otherWorkflow, site).name == "other")
      // Whose last member leaves makes room.
      try tabs[1].socket.send(.close, [0x03, 0xE8])
      #expect(try waitForRoom(Self.workflows[2], site).name == Self.workflows[2])
    }
  }

  @Test func overHocuspocusTheOtherDocumentsStayOpen() throws {
    try withSite { site in
      let socket = try TestWebSocket(port: site.port, target: "/hocuspocus")
      let tabs = Self.workflows.prefix(3).map { HocuspocusAccessTests.Tab(socket, "workflow:\($0)") }
      let token = try site.token(.superEditor)
      for tab in tabs.prefix(2) {
        try tab.send(.token(token))
        try tab.send(.shared(.syncStep1(tab.doc.stateVector.encoded())))
        try tab.load()
      }
      try tabs[2].send(.token(token))
      let refusal = try tabs[2].read { message in
        if case .permissionDenied(let reason) = message { reason } else { nil }
      }
      #expect(refusal.contains(Self.reason))
      #expect(try tabs[0].rename("still open"))
    }
  }

  @Test func overPhoenixItIsToldToComeBack() throws {
    try withSite { site in
      let tabs = try Self.workflows.prefix(2).map { try open($0, site) }
      let tab = try PhoenixTab(site, as: .superEditor, Self.workflows[2])
      #expect(try tab.join().status == "ok")
      let reason = try tab.read { incoming in
        guard case .text(_, _, _, "heddle:dismissed", let payload) = incoming else { return String?.none }
        return payload["reason"]?.string
      }
      #expect(reason.contains(Self.reason))
      _ = try tab.read { incoming in if case .text(_, _, _, "phx_error", _) = incoming { true } else { nil } }
      #expect(tabs.count == 2)
    }
  }

  @Test func overHTTPItIsToldToTryAgain() throws {
    try withSite { site in
      let tabs = try Self.workflows.prefix(2).map { try open($0, site) }
      let path = "/api/workflows/\(Self.workflows[2])"
      let answer = try site.request("POST", path + "/save", as: .superEditor)
      #expect(answer.status == 429 && answer.json["type"] == "too_many_documents", "\(answer.text)")
      let saved = try site.request("POST", "/api/workflows/\(Self.workflows[0])/save", as: .superEditor)
      #expect(saved.status == 200, "\(saved.text)")
      #expect(tabs.count == 2)
    }
  }

  /// That a document is in memory already makes no room for it.
  @Test func whatTheServerHasOpenForItselfIsNotOpenedForMore() throws {
    try withSite { site in
      let third = Self.workflows[2]
      let before = try open(third, site)
      try before.socket.send(.close, [0x03, 0xE8])
      let tabs = try [waitForRoom(Self.workflows[0], site), waitForRoom(Self.workflows[1], site)]
      // The server opens it to merge what changed, which it cannot commit as long as somebody has the document locked.
      let lock = try PlainConnection(site.address)
      try lock.run("begin; select from documents where workflow_id = '\(third)' for update")
      try site.psql.run("update workflows set name = 'changed outside' where id = '\(third)'")
      let waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
      try until("the server has it open") { try !site.psql.run(waiting).isEmpty }
      let tab = try Tab(site, token: site.token(.superEditor), workflow: third)
      #expect(try tab.welcome()?.contains(Self.reason) == true)
      let socket = try TestWebSocket(port: site.port, target: "/hocuspocus")
      let guest = HocuspocusAccessTests.Tab(socket, "workflow:\(third)")
      try guest.send(.token(site.token(.superEditor)))
      let refusal = try guest.read { message in
        switch message {
        case .permissionDenied(let reason): reason
        case .authenticated: "authenticated"
        default: nil
        }
      }
      #expect(refusal.contains(Self.reason))
      let answer = try site.request("POST", "/api/workflows/\(third)/save", as: .superEditor)
      #expect(answer.status == 429 && answer.json["type"] == "too_many_documents", "\(answer.text)")
      try lock.run("rollback")
      try until("it is merged all the same") { try site.isMerged(third) }
      #expect(tabs.count == 2)
    }
  }

  /// Changed rows are merged into any number of documents that nobody has open.
  @Test func whatTheServerDoesByItselfIsNotHeldUp() throws {
    try withSite { site in
      let later = try open(Self.workflows[2], site)
      try later.socket.send(.close, [0x03, 0xE8])
      let tabs = try [waitForRoom(Self.workflows[0], site), waitForRoom(Self.workflows[1], site)]
      try site.psql.run("update workflows set name = 'changed outside' where id = '\(Self.workflows[2])'")
      try until("it is merged") { try site.isMerged(Self.workflows[2]) }
      #expect(tabs.count == 2)
    }
  }
}

extension AccessSite {
  /// Whether the document of a workflow has all that its rows have.
  fileprivate func isMerged(_ workflow: String) throws -> Bool {
    let merged = """
      select 1 from documents d join workflows w on w.id = d.workflow_id and d.base_revision = w.revision
      where w.id = '\(workflow)'
      """
    return try !psql.run(merged).isEmpty
  }
}
