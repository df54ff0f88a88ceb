import TestSupport
import Testing
import Workflow
import YCRDT
import YProtocol

@testable import Gateway

/// What the topics of Phoenix channels do: joining and leaving, answers after the commit, saving, and what can be asked.
@Suite struct PhoenixChannelTests {
  private func withSite(_ body: (AccessSite) throws -> Void) throws {
    let site = try AccessSite { $0.tickInterval = .milliseconds(20) }
    defer { site.stop() }
    try body(site)
  }

  // MARK: The socket

  @Test func heartbeatsAreAnsweredToTheByte() throws {
    try withSite { site in
      let socket = try PhoenixTab.socket(site, token: site.token(.editor))
      try socket.send(text: #"[null,"7","phoenix","heartbeat",{}]"#)
      let frame = try socket.readMessage()
      #expect(frame.opcode == .text)
      #expect(
        String(decoding: frame.payload, as: UTF8.self)
          == #"[null,"7","phoenix","phx_reply",{"response":{},"status":"ok"}]"#)
    }
  }

  @Test func manyTopicsGoOverOneSocketAndEachIsLeftAlone() throws {
    try withSite { site in
      let socket = try PhoenixTab.socket(site, token: site.token(.editor))
      let live = PhoenixTab(socket)
      try live.open()
      let version = PhoenixTab(socket, "\(SampleProject.workflow):v0")
      #expect(try version.join().status == "ok")
      #expect(try version.ask("phx_leave")["status"] == "ok")
      #expect(try version.ask("get_context")["response"]?["reason"] == "unmatched topic")
      #expect(try live.answer(live.rename("still here"))["status"] == "ok")
    }
  }

  @Test func whatIsForNoTopicIsAnswered() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      #expect(try tab.ask("save_workflow")["response"]?["reason"] == "unmatched topic")
      #expect(try tab.ask("phx_leave")["status"] == "ok")
      try tab.socket.send(text: #"["1","1","room:lobby","phx_join",{}]"#)
      let frame = try tab.socket.readMessage()
      #expect(
        String(decoding: frame.payload, as: UTF8.self)
          == #"["1","1","room:lobby","phx_reply",{"response":{"reason":"unmatched topic"},"status":"error"}]"#)
    }
  }

  @Test func whoJoinsAgainEndsTheFirstMembership() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      let first = tab.joinRef
      #expect(try tab.join().status == "ok")
      let closed = try tab.read { incoming -> String? in
        if case .text(let joinRef, _, _, "phx_close", _) = incoming { joinRef } else { nil }
      }
      #expect(closed == first)
      #expect(try tab.answer(tab.rename("again"))["status"] == "ok")
    }
  }

  /// However often a client asks, one answer of the database is waited for.
  @Test func whoIsBeingLetInWaitsForThat() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      let lock = try PlainConnection(site.address)
      _ = try lock.run("begin")
      _ = try lock.run("lock table projects in access exclusive mode")
      let parameters: JSONValue = ["project_id": .string(SampleProject.id), "action": "edit"]
      let refs = try (0..<3).map { _ in try tab.push("phx_join", parameters) }
      for ref in refs.dropFirst() { #expect(try tab.answer(ref)["response"]?["reason"] == "already joining") }
      _ = try lock.run("commit")
      #expect(try tab.answer(refs[0])["status"] == "ok")
    }
  }

  @Test func framesThatAreNoMessagesCloseTheSocketWithAReason() throws {
    try withSite { site in
      let token = try site.token(.editor)
      let long = String(repeating: "x", count: 256)
      for text in ["", "{}", "[]", #"["1","2",3,"e",{}]"#, #"["\#(long)","2","t","e",{}]"#, #"["1","2","t","e"]"#] {
        let socket = try PhoenixTab.socket(site, token: token)
        try socket.send(text: text)
        let frame = try socket.readMessage()
        #expect(frame.closeCode == 1002 && !frame.closeReason.isEmpty, "\(text)")
      }
      for bytes: [UInt8] in [[], [1, 0, 0, 0, 0], [0, 1, 1], [0, 255, 255, 255, 255, 1]] {
        let socket = try PhoenixTab.socket(site, token: token)
        try socket.send(.binary, bytes)
        #expect(try socket.readMessage().closeCode == 1002, "\(bytes)")
      }
    }
  }

  @Test func oneSocketHasSoManyTopics() throws {
    try withSite { site in
      let socket = try PhoenixTab.socket(site, token: site.token(.editor))
      // What is refused takes no place.
      for _ in 0..<300 { #expect(try PhoenixTab(socket, "nonsense").join().status == "error") }
      let ids = (0...256).map { "77777777-7777-4777-8777-777777777\($0 + 100)" }
      let tabs = ids.map { PhoenixTab(socket, $0) }
      for tab in tabs.dropLast() { #expect(try tab.join(action: "new").status == "ok") }
      #expect(try tabs[256].join(action: "new").reason == "more than 256 topics on one connection")
      #expect(try tabs[0].ask("phx_leave")["status"] == "ok")
      #expect(try tabs[256].join(action: "new").status == "ok")
    }
  }

  // MARK: Edits

  @Test func anEditIsAnsweredOnceItIsStored() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      let count = "select count(*) from document_updates"
      _ = try tab.answer(tab.rename("stored"))
      let before = try site.psql.run(count)
      let lock = try PlainConnection(site.address)
      _ = try lock.run("begin")
      _ = try lock.run("lock table document_updates in access exclusive mode")
      let ref = try tab.rename("waits")
      // An answer to the edit that does not wait for the commit would come before this one.
      #expect(try tab.ask("request_adaptors")["status"] == "ok")
      #expect(!tab.isAnswered(ref))
      _ = try lock.run("commit")
      #expect(try tab.answer(ref)["status"] == "ok")
      #expect(try site.psql.run(count) != before)
    }
  }

  @Test func unreadableMessagesAreRefusedOneByOne() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      for event in ["yjs", "yjs_sync"] {
        #expect(try tab.answer(tab.push(.unknown(type: 77), as: event))["status"] == "ok", "newer clients may say more")
      }
      #expect(try tab.ask("yjs", ["not": "binary"])["response"]?["type"] == "unsupported_event")
      #expect(try tab.answer(tab.push(.syncStep1([]), as: "get_context"))["status"] == "error")
      #expect(try tab.answer(tab.rename("still here"))["status"] == "ok")
    }
  }

  @Test func whatCannotBePartOfTheDocumentEndsTheMembershipOnly() throws {
    try withSite { site in
      let socket = try PhoenixTab.socket(site, token: site.token(.editor))
      let (tab, other) = (PhoenixTab(socket, SampleProject.workflow.uppercased()), PhoenixTab(socket))
      try tab.open()
      try tab.push(.update([1, 1, 1, 1, 1, 1]))
      #expect(try tab.event("heddle:dismissed")["reason"]?.string?.isEmpty == false)
      _ = try tab.event("phx_close")
      try other.open()
    }
  }

  // MARK: Saving

  @Test func aSaveIsAnsweredToWhoSavesAndToldOnceToAllOthers() throws {
    try withSite { site in
      let (tab, other) = (try PhoenixTab(site, as: .editor), try PhoenixTab(site, as: .admin))
      try tab.open()
      try other.open()
      try tab.rename("saved")
      let answer = try tab.ask("save_workflow")
      #expect(answer["status"] == "ok", "\(answer.text)")
      #expect(answer["response"]?["lock_version"] == 1)
      #expect(answer["response"]?["workflow"]?["name"] == "saved")
      #expect(answer["response"]?["workflow"]?["jobs"]?.array?.count == 2)
      #expect(answer["response"]?["saved_at"]?.string?.hasPrefix("20") == true)
      let told = try other.event("workflow_saved")
      #expect(told["latest_snapshot_lock_version"] == 1 && told["workflow"]?["name"] == "saved")
      // Nothing to save: nobody is told.
      #expect(try tab.ask("save_workflow")["response"]?["lock_version"] == 1)
      #expect(try other.ask("get_context")["response"]?["latest_snapshot_lock_version"] == 1)
      #expect(try tab.ask("request_adaptors")["status"] == "ok")
      #expect(tab.eventsSoFar("workflow_saved") == 0 && other.eventsSoFar("workflow_saved") == 0)
    }
  }

  @Test func anImportIsToldToEverybodyOnce() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      try site.psql.run(
        "update workflows set name = 'imported', lock_version = 1 where id = '\(SampleProject.workflow)'")
      let told = try tab.event("workflow_saved")
      #expect(told["workflow"]?["name"] == "imported")
      #expect(try tab.event("heddle:reconciled")["type"] == "reconciled")
      #expect(tab.doc.map("workflow")["name"]?.value?.string == "imported")
      #expect(try tab.ask("request_adaptors")["status"] == "ok")
      #expect(tab.eventsSoFar("workflow_saved") == 0)
    }
  }

  @Test func errorsOfASaveAreAtTheirPlaceInTheDocument() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      try tab.rename(" ")
      let answer = try tab.ask("save_workflow")
      #expect(answer["status"] == "error" && answer["response"]?["type"] == "validation_error")
      #expect(answer["response"]?["errors"]?["name"] == ["can't be blank"], "\(answer.text)")
      try tab.rename("fine")
      #expect(try tab.ask("save_workflow")["status"] == "ok")
    }
  }

  @Test func aDeletedWorkflowIsNeitherSavedNorTakenBack() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      try site.psql.run("update workflows set deleted_at = now() where id = '\(SampleProject.workflow)'")
      for event in ["save_workflow", "reset_workflow"] {
        let response = try tab.ask(event)["response"]
        #expect(response?["type"] == "workflow_deleted", "\(event)")
        #expect(response?["errors"]?["base"] == ["This workflow has been deleted"], "\(event)")
      }
    }
  }

  @Test func aSavedVersionIsForReadingOnly() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor, "\(SampleProject.workflow):v0")
      try tab.open()
      #expect(try tab.answer(tab.rename("no"))["response"]?["type"] == "read_only_view")
      for event in ["save_workflow", "reset_workflow", "save_and_sync"] {
        #expect(try tab.ask(event)["response"]?["type"] == "read_only_view", "\(event)")
      }
      #expect(try tab.ask("get_context")["response"]?["permissions"]?["can_edit_workflow"] == false)
    }
  }

  @Test func resetAndRestoreGoBack() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      try tab.rename("second")
      #expect(try tab.ask("save_workflow")["response"]?["lock_version"] == 1)
      try tab.rename("unsaved")
      let reset = try tab.ask("reset_workflow")["response"]
      #expect(reset?["lock_version"] == 1 && reset?["workflow_id"] == .string(SampleProject.workflow))
      #expect(tab.doc.map("workflow")["name"]?.value?.string == "second")
      #expect(try tab.ask("restore_version", ["version_number": 9])["response"]?["type"] == "version_not_found")
      #expect(try tab.ask("restore_version")["response"]?["type"] == "version_not_found")
      let late = try tab.ask("restore_version", ["version_number": 0, "lock_version": 0])
      #expect(late["response"]?["type"] == "workflow_moved_on")
      #expect(try tab.ask("restore_version", ["version_number": 0])["response"]?["lock_version"] == 2)
      _ = try tab.event("workflow_saved")
      #expect(tab.doc.map("workflow")["name"]?.value?.string == "Intake")
    }
  }

  /// With a repository there is nothing that could be synced with yet: then nothing is saved either.
  @Test func saveAndSyncDoesAllOrNothing() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      try tab.rename("both")
      let blank = try tab.ask("save_and_sync", ["commit_message": " "])["response"]
      #expect(blank?["type"] == "validation_error" && blank?["errors"]?["commit_message"] == ["can't be blank"])
      #expect(try tab.ask("save_and_sync", ["commit_message": "m"])["response"]?["type"] == "github_sync_error")
      try site.psql.run("delete from project_repo_connections where project_id = '\(SampleProject.id)'")
      let none = try tab.ask("save_and_sync", ["commit_message": "m"])["response"]
      #expect(none?["errors"]?["base"] == ["No GitHub connection configured for this project"])
      #expect(try site.psql.run("select lock_version from workflows").first?.first == "0")
    }
  }

  // MARK: New workflows

  /// From its first edit on nothing of it is lost, and who saved it may come back as he came.
  @Test func aNewWorkflowIsMadeSavedAndJoinedAgain() throws {
    try withSite { site in
      let id = "77777777-7777-4777-8777-777777777777"
      let tab = try PhoenixTab(site, as: .editor, id)
      #expect(try tab.join(action: "edit").reason == "workflow not found")
      #expect(try tab.join(action: "new").status == "ok")
      try tab.push(.syncStep1(tab.doc.stateVector.encoded()), as: "yjs_sync")
      _ = try tab.read { if case .message(.syncStep2) = $0 { true } else { nil } }
      #expect(try tab.ask("request_versions")["response"] == ["versions": []])
      #expect(try tab.ask("get_context")["response"]?["latest_snapshot_lock_version"] == .null)
      #expect(try tab.ask("reset_workflow")["response"]?["type"] == "never_saved")
      #expect(try tab.answer(tab.rename("made here"))["status"] == "ok")
      // Another one finds it before it is saved.
      let other = try PhoenixTab(site, as: .viewer, id)
      try other.open()
      #expect(other.doc.map("workflow")["name"]?.value?.string == "made here")
      #expect(try tab.ask("save_workflow")["response"]?["lock_version"] == 1)
      #expect(try other.event("workflow_saved")["latest_snapshot_lock_version"] == 1)
      let again = try PhoenixTab(site, as: .editor, id)
      #expect(try again.join(action: "new").status == "ok")
      let rows = try site.psql.run("select name, project_id from workflows where id = '\(id)'")
      #expect(rows == [["made here", SampleProject.id]])
      #expect(try PhoenixTab(site, as: .viewer, Person.otherProject).join(action: "new").reason == "unauthorized")
    }
  }

  @Test func namesAreMadeFree() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor, "77777777-7777-4777-8777-777777777777")
      #expect(try tab.join(action: "new").status == "ok")
      let asked: [(JSONValue, String)] = [
        (" Intake ", "Intake 1"), ("", "Untitled workflow"), (nil, "Untitled workflow"),
      ]
      for (name, free) in asked {
        let workflow = try tab.ask("validate_workflow_name", ["workflow": ["name": name, "id": "x"]])["response"]?[
          "workflow"]
        #expect(workflow == ["name": .string(free), "id": "x"])
      }
      #expect(try tab.ask("validate_workflow_name")["status"] == "error")
    }
  }

  // MARK: Questions

  @Test func theContextIsReadAnewEachTime() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      let context = try tab.ask("get_context")["response"]
      #expect(
        context?["user"]?["id"] == .string(Person.editor.id) && context?["user"]?["email"] == "editor@example.com")
      #expect(context?["project"]?["id"] == .string(SampleProject.id) && context?["project"]?["name"] == "sample")
      #expect(context?["project_repo_connection"]?["repo"] == "a/b")
      #expect(context?["latest_snapshot_lock_version"] == 0)
      #expect(context?["workflow"]?["name"] == "Intake" && context?["workflow"]?["positions"] != .null)
      try site.psql.run("update users set first_name = 'Ada' where id = '\(Person.editor.id)'")
      try site.psql.run("update projects set name = 'renamed'")
      #expect(try tab.ask("request_current_user")["response"]?["current_user"]?["first_name"] == "Ada")
      #expect(try tab.ask("get_context")["response"]?["project"]?["name"] == "renamed")
    }
  }

  @Test func versionsCredentialsAndAdaptorsAreTold() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .viewer)
      try tab.open()
      let editor = try PhoenixTab(site, as: .editor)
      try editor.open()
      try editor.rename("second")
      _ = try editor.ask("save_workflow")
      let versions = try tab.ask("request_versions")["response"]?["versions"]?.array ?? []
      #expect(versions.map { $0["lock_version"] } == [1, 0])
      #expect(versions.map { $0["is_latest"] } == [true, false])
      #expect(versions.allSatisfy { $0["inserted_at"]?.string?.hasPrefix("20") == true })
      let credentials = try tab.ask("request_credentials")["response"]?["credentials"]
      #expect(credentials?["project_credentials"]?.array?.first?["id"] == .string(SampleProject.credential))
      #expect(credentials?["keychain_credentials"] == [])
      let adaptors = try tab.ask("request_project_adaptors")["response"]
      #expect(adaptors?["project_adaptors"] == [["name": "@openfn/language-common@latest"]])
    }
  }

  @Test func whatHeddleHasNothingOfIsSaidHonestly() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      #expect(try tab.ask("request_adaptors")["response"] == ["adaptors": []])
      #expect(try tab.ask("request_history")["response"] == ["history": []])
      #expect(try tab.ask("list_templates")["response"] == ["templates": []])
      #expect(try tab.ask("request_run_steps", ["run_id": "r"])["response"]?["reason"] == "run_not_found")
      let metadata = try tab.ask("request_metadata", ["job_id": "j"])["response"]?["metadata"]
      #expect(metadata?["error"] == "job_not_found")
      for event in ["go_live", "publish_template", "nonsense"] {
        #expect(try tab.ask(event)["response"]?["type"] == "unsupported_event", "\(event)")
      }
      #expect(try tab.ask("get_limits", ["action_type": "activate_workflow"])["response"]?["limit"]?["allowed"] == true)
      #expect(try tab.ask("get_limits", ["action_type": "new_run"])["response"]?["limit"]?["allowed"] == false)
      #expect(try tab.ask("get_limits", ["action_type": "x"])["status"] == "error")
    }
  }

  @Test func authMethodsBelongToTriggersOfTheWorkflow() throws {
    try withSite { site in
      let (tab, other) = (try PhoenixTab(site, as: .editor), try PhoenixTab(site, as: .viewer))
      try tab.open()
      try other.open()
      let trigger = JSONValue.string(SampleProject.trigger)
      #expect(
        try tab.ask("request_trigger_auth_methods", ["trigger_id": trigger])["response"]
          == ["trigger_id": trigger, "webhook_auth_methods": []])
      let foreign: JSONValue = ["trigger_id": .string(Person.otherProject), "auth_method_ids": []]
      #expect(try tab.ask("update_trigger_auth_methods", foreign)["response"]?["reason"] == "trigger not found")
      let unknown: JSONValue = ["trigger_id": trigger, "auth_method_ids": ["m"]]
      #expect(try tab.ask("update_trigger_auth_methods", unknown)["response"]?["reason"] == "validation failed")
      let none: JSONValue = ["trigger_id": trigger, "auth_method_ids": []]
      #expect(try tab.ask("update_trigger_auth_methods", none)["response"] == ["success": true])
      for tab in [tab, other] { #expect(try tab.event("trigger_auth_methods_updated")["trigger_id"] == trigger) }
    }
  }

  @Test func whoAppliesWhatAnAssistantWroteTellsEverybody() throws {
    try withSite { site in
      let (tab, other) = (try PhoenixTab(site, as: .editor), try PhoenixTab(site, as: .viewer))
      try tab.open()
      try other.open()
      for (start, done, applying, applied) in [
        ("start_applying_workflow", "done_applying_workflow", "workflow_applying", "workflow_applied"),
        ("start_applying_job_code", "done_applying_job_code", "job_code_applying", "job_code_applied"),
      ] {
        #expect(try tab.ask(start, ["message_id": "m"])["response"] == [:])
        #expect(try tab.ask(done, ["message_id": "m"])["response"] == [:])
        for tab in [tab, other] {
          let begun = try tab.event(applying)
          #expect(begun["user_id"] == .string(Person.editor.id) && begun["user_name"] == "editor")
          #expect(try tab.event(applied) == ["message_id": "m"])
        }
      }
      #expect(try tab.ask("start_applying_workflow")["status"] == "error")
    }
  }

  @Test func aQuestionThatFailsIsAnsweredAndTheTopicStays() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      try site.psql.run("alter table workflow_snapshots rename to elsewhere")
      #expect(try tab.ask("request_versions")["response"]?["reason"] == "failed to handle request_versions")
      try site.psql.run("alter table elsewhere rename to workflow_snapshots")
      #expect(try tab.ask("request_versions")["status"] == "ok")
    }
  }

  /// Joins, requests and edits whose answers come when nobody is there any more.
  @Test func whoVanishesWhileSomethingIsUnderWayHarmsNobody() throws {
    try withSite { site in
      let lock = try PlainConnection(site.address)
      for table in ["project_memberships", "workflow_snapshots", "workflows"] {
        var tab: PhoenixTab? = try PhoenixTab(site, as: .editor)
        try tab?.open()
        _ = try lock.run("begin")
        _ = try lock.run("lock table \(table) in access exclusive mode")
        try tab?.rename("on its way")
        for event in ["request_versions", "get_context", "save_workflow", "reset_workflow"] { try tab?.push(event) }
        try tab?.push("restore_version", ["version_number": 0])
        try tab?.push("phx_join", ["project_id": .string(SampleProject.id), "action": "edit"])
        // What was pushed before is taken in.
        try tab?.socket.send(text: #"[null,"b","phoenix","heartbeat",{}]"#)
        _ = try tab?.read { if case .text(_, "b", _, _, _) = $0 { true } else { nil } }
        tab = nil
        // Who comes later is served once it is seen that the first one is gone.
        _ = try site.request("GET", "/healthz")
        _ = try lock.run("commit")
      }
      let other = try PhoenixTab(site, as: .editor)
      try other.open()
      #expect(try other.ask("save_workflow")["status"] == "ok")
    }
  }

  @Test func soManyRequestsMayWait() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      let lock = try PlainConnection(site.address)
      _ = try lock.run("begin")
      _ = try lock.run("lock table workflow_snapshots in access exclusive mode")
      let refs = try (0..<33).map { _ in try tab.push("request_versions") }
      #expect(try tab.answer(refs[32])["response"]?["reason"] == "more than 32 requests at once; wait for answers")
      _ = try lock.run("commit")
      for ref in refs.dropLast() { #expect(try tab.answer(ref)["status"] == "ok") }
      #expect(try tab.ask("request_versions")["status"] == "ok")
    }
  }

  @Test func conflictsAreToldAndDecidedOverTheChannel() throws {
    try withSite { site in
      let tab = try PhoenixTab(site, as: .editor)
      try tab.open()
      #expect(try tab.answer(tab.rename("mine"))["status"] == "ok")
      try site.psql.run("update workflows set name = 'theirs', lock_version = 1 where id = '\(SampleProject.workflow)'")
      let told = try tab.event("heddle:reconciled")["new_conflicts"]?.array
      #expect(told?.count == 1)
      let conflicts = try tab.ask("heddle:request_conflicts")["response"]?["conflicts"]?.array
      let id = conflicts?.first?["id"] ?? .null
      #expect(id == told?.first?["id"])
      #expect(try tab.ask("heddle:resolve_conflict", ["id": id, "keep": "both"])["status"] == "error")
      #expect(
        try tab.ask("heddle:resolve_conflict", ["id": "9-9", "keep": "live"])["response"]?["type"] == "not_found")
      let answer = try tab.ask("heddle:resolve_conflict", ["id": id, "keep": "database"])
      #expect(answer["response"] == ["conflicts": []], "\(answer.text)")
      #expect(tab.doc.map("workflow")["name"]?.value?.string == "theirs")
    }
  }
}
