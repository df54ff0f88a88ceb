import TestSupport
import Testing
import Tokens
import Workflow
import YCRDT
import YProtocol

@testable import Gateway

/// Who may join which topic of Phoenix channels, what he may do there, and what becomes of that.
@Suite struct PhoenixAccessTests {
  private func site(grace: Duration = .seconds(60)) throws -> AccessSite {
    try AccessSite(grace: grace) { $0.tickInterval = .milliseconds(20) }
  }

  private func title(_ site: AccessSite) throws -> String? {
    try site.request("GET", "/api/workflows/\(SampleProject.workflow)", as: .owner).json["data"]?["name"]?.string
  }

  @Test func aSocketNeedsAGoodTokenAndTheRightSerializer() throws {
    let site = try site()
    defer { site.stop() }
    let token = try site.token(.editor)
    let gone = try site.token(.viewer)
    try site.psql.run("delete from users where id = '\(Person.viewer.id)'")
    func status(_ query: String) throws -> Int {
      try site.request("GET", "/socket/websocket?\(query)", headers: TestWebSocket.handshakeHeaders).status
    }
    #expect(try status("vsn=2.0.0") == 401)
    #expect(try status("vsn=2.0.0&token=nonsense") == 401)
    #expect(try status("vsn=2.0.0&token=\(token)x") == 401)
    #expect(try status("vsn=2.0.0&token=\(gone)") == 401)
    #expect(try status("token=\(token)") == 400)
    #expect(try status("vsn=1.0.0&token=\(token)") == 400)
    #expect(try status("vsn=2.0.0&token=\(token)") == 101)
    #expect(!site.log.text.contains(token))
  }

  @Test func everybodyMayDoInATopicWhatTheirRoleAllows() throws {
    let site = try site()
    defer { site.stop() }
    for person in Person.allCases {
      for action in ["edit", "new"] {
        let needed: Verb = action == "edit" ? .read : .edit
        let tab = try PhoenixTab(site, as: person)
        let answer = try tab.join(action: action)
        #expect((answer.status == "ok") == person.capacity.may(needed), "\(person) \(action)")
        #expect(answer.status == "ok" || answer.reason == "unauthorized", "\(person) \(action)")
      }
      guard person.capacity.may(.read) else { continue }
      let tab = try PhoenixTab(site, as: person)
      try tab.open()
      let mayEdit = person.capacity.may(.edit)
      #expect(try tab.ask("get_context")["response"]?["permissions"]?["can_edit_workflow"]?.bool == mayEdit)
      let stored = try tab.answer(tab.rename("\(person)"))
      #expect(stored["status"] == (mayEdit ? "ok" : "error"), "\(person)")
      #expect(try (title(site) == "\(person)") == mayEdit, "\(person)")
      let verbs: [(String, JSONValue, Verb)] = [
        ("save_workflow", [:], .save), ("reset_workflow", [:], .reset),
        ("restore_version", ["version_number": 0], .decide), ("start_applying_workflow", ["message_id": "m"], .edit),
      ]
      for (event, payload, verb) in verbs {
        let answer = try tab.ask(event, payload)
        #expect((answer["status"] == "ok") == person.capacity.may(verb), "\(person) \(event) \(answer.text)")
        #expect(answer["status"] == "ok" || answer["response"]?["type"] == "unauthorized", "\(person) \(event)")
      }
    }
  }

  /// Section 4.2 of the protocol's description, in its order.
  @Test func everyRefusalOfAJoinHasItsReason() throws {
    let site = try site()
    defer { site.stop() }
    let (project, workflow) = (SampleProject.id, SampleProject.workflow)
    let unknown = "77777777-7777-4777-8777-777777777777"
    let missing = "invalid parameters. project_id and action are required"
    let cases: [(String, String?, String?, String)] = [
      (workflow, nil, "edit", missing), (workflow, project, nil, missing),
      (workflow, unknown, "edit", "project not found"), (workflow, "nonsense", "edit", "project not found"),
      (workflow, project, "look", "invalid action 'look', must be 'new' or 'edit'"),
      (unknown, project, "edit", "workflow not found"), ("nonsense", project, "edit", "workflow not found"),
      ("\(workflow):run:1", project, "edit", "workflow not found"),
      ("\(workflow):vx", project, "edit", "invalid version format"),
      ("\(workflow):v99", project, "edit", "snapshot version 99 not found"),
    ]
    let socket = try PhoenixTab.socket(site, token: site.token(.editor))
    for (rest, project, action, reason) in cases {
      let answer = try PhoenixTab(socket, rest).join(project: project, action: action)
      #expect(answer.status == "error" && answer.reason == reason, "\(rest) \(answer)")
    }
    // A workflow of another project is not there, whoever asks from where.
    try site.psql.run(
      """
      insert into project_memberships (project_id, user_id, role)
        values ('\(Person.otherProject)', '\(Person.editor.id)', 'editor')
      """)
    for action in ["edit", "new"] {
      let answer = try PhoenixTab(socket).join(project: Person.otherProject, action: action)
      #expect(answer.reason == "workflow not found", "\(action) \(answer)")
    }
    #expect(try PhoenixTab(socket, "\(workflow):v0").join().status == "ok")
    // Who is no member learns nothing of what there is.
    let stranger = try PhoenixTab.socket(site, token: site.token(.nobody))
    for rest in [workflow, unknown, "\(workflow):v99", "nonsense"] {
      #expect(try PhoenixTab(stranger, rest).join().reason == "unauthorized")
    }
  }

  @Test func whoBecomesAReaderStaysAndMayWriteAgainLater() throws {
    let site = try site()
    defer { site.stop() }
    let tab = try PhoenixTab(site, as: .editor)
    try tab.open()
    #expect(try tab.answer(tab.rename("before"))["status"] == "ok")
    try site.psql.run("update project_memberships set role = 'viewer' where user_id = '\(Person.editor.id)'")
    #expect(try tab.event("session_context_updated")["permissions"]?["can_edit_workflow"] == false)
    #expect(try tab.answer(tab.rename("as a reader"))["response"]?["type"] == "unauthorized")
    #expect(try tab.ask("save_workflow")["response"]?["type"] == "unauthorized")
    #expect(try title(site) == "before")
    try site.psql.run("update project_memberships set role = 'editor' where user_id = '\(Person.editor.id)'")
    #expect(try tab.event("session_context_updated")["permissions"]?["can_edit_workflow"] == true)
    #expect(try tab.answer(tab.rename("after"))["status"] == "ok")
    #expect(try title(site) == "after")
  }

  /// The permission is read when it is needed: also where nobody was told yet that it changed.
  @Test func aSaveAsksTheDatabaseWhoMay() throws {
    let site = try AccessSite {
      $0.tickInterval = .milliseconds(20)
    } storage: {
      $0.pollInterval = .seconds(600)
    }
    defer { site.stop() }
    let tab = try PhoenixTab(site, as: .editor)
    try tab.open()
    try site.psql.run(
      """
      set session_replication_role = replica;
      update project_memberships set role = 'viewer' where user_id = '\(Person.editor.id)';
      """)
    #expect(try tab.ask("save_workflow")["response"]?["type"] == "unauthorized")
  }

  @Test func whoLosesAccessGetsNothingMoreAndIsLetGoLater() throws {
    let site = try site(grace: .milliseconds(300))
    defer { site.stop() }
    let tab = try PhoenixTab(site, as: .editor)
    try tab.open()
    try site.psql.run("delete from project_memberships where user_id = '\(Person.editor.id)'")
    #expect(try tab.event("heddle:access_lost")["reason"]?.string?.contains("permission") == true)
    let other = try PhoenixTab(site, as: .owner)
    try other.open()
    #expect(try other.answer(other.rename("secret"))["status"] == "ok")
    _ = try tab.event("phx_close")
    #expect(tab.doc.map("workflow")["name"]?.value?.string != "secret")
    // The websocket is there for other topics.
    #expect(try tab.join().reason == "unauthorized")
  }

  @Test func aTokenThatIsOverClosesTheSocketSoThatTheClientComesBackWithAnother() throws {
    let site = try site(grace: .milliseconds(50))
    defer { site.stop() }
    let tab = try PhoenixTab(site, as: .editor)
    try tab.open()
    try site.psql.run("update users set tokens_not_before = clock_timestamp() where id = '\(Person.editor.id)'")
    _ = try tab.event("heddle:access_lost")
    #expect(try tab.close().code == 4401)
  }
}
