import Foundation
import TestSupport
import Testing
import Workflow

@testable import Gateway

/// Who may save is looked up when it is saved, not only when the request comes.
@Suite struct SavePermissionTests {
  private static let path = "/api/workflows/\(SampleProject.workflow)/save"

  private func site() throws -> (AccessSite, CollabAccessTests.Tab) {
    let site = try AccessSite()
    let tab = try CollabAccessTests.Tab(site, token: site.token(.owner))
    #expect(try tab.welcome() == nil)
    try tab.rename("Renamed")
    try tab.acknowledge()
    return (site, tab)
  }

  private func demote(_ site: AccessSite) throws {
    try site.psql.run("update project_memberships set role = 'viewer' where user_id = '\(Person.editor.id)'")
  }

  @Test func whoWasDemotedBeforeTheSave() throws {
    let (site, _) = try site()
    defer { site.stop() }
    try demote(site)
    #expect(try site.request("POST", Self.path, as: .editor).status == 403)
    #expect(try site.psql.value("select name from workflows") == "Intake")
    #expect(try site.request("POST", Self.path, as: .admin).status == 200)
    #expect(try site.psql.value("select name from workflows") == "Renamed")
  }

  /// The request was let in; the save waits for a writer of the rows, and meanwhile the role is taken away.
  @Test func whoIsDemotedWhileTheSaveIsMade() throws {
    let (site, _) = try site()
    defer { site.stop() }
    let writer = try PlainConnection(site.address)
    try writer.run("begin; select from workflows for update")
    let socket = try TestSocket(port: site.port)
    try socket.send(
      "POST \(Self.path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(try site.token(.editor))\r\n\r\n")
    let waits = """
      select count(*) from pg_stat_activity where wait_event_type = 'Lock' and application_name like 'heddle committer%'
        and datname = current_database()
      """
    try until("the save waits") { try site.psql.value(waits) != "0" }
    try demote(site)
    try writer.run("rollback")
    let answer = try socket.readResponse()
    #expect(answer.status == 403 && answer.json["type"] == "unauthorized", "\(answer.text)")
    #expect(answer.json["errors"]?["base"] == ["You don't have permission to edit this workflow"])
    #expect(try site.psql.value("select name from workflows") == "Intake")
  }
}
