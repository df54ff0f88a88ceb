import TestSupport
import Testing
import Workflow

/// Postgres lacks room for what is written: whoever asks is told to try again, and those who run the server see why.
@Suite struct FullDatabaseTests {
  private let site: Site

  init() throws { site = try Site() }

  private func fill() throws {
    try site.database.run(
      """
      create function full_disk() returns trigger language plpgsql as $$ begin
        raise exception 'could not extend file "base/1/2": No space left on device' using errcode = 'disk_full';
      end $$;
      create trigger full_disk before insert on document_updates execute function full_disk()
      """)
  }

  private func mend() throws { try site.database.run("drop function full_disk cascade") }

  private func isWritable() throws -> Bool {
    let page = String(decoding: try site.send("GET", "/metrics").body, as: UTF8.self)
    return page.contains("\nheddle_database_writable 1\n")
  }

  @Test func aPatchIsAnsweredAsTemporarilyImpossible() async throws {
    #expect(try site.patch(#"{"name": "Before"}"#).status == 200)
    #expect(try isWritable())
    try fill()
    let answer = try site.patch(#"{"name": "Meanwhile"}"#)
    #expect(answer.status == 503 && answer.json.text.contains("cannot be reached or written to"), "\(answer.json.text)")
    #expect(try !isWritable())
    #expect(try site.send("GET", "/readyz").status == 200, "nobody's edit waits")
    try mend()
    try await until("it is taken") { try site.patch(#"{"name": "Afterwards"}"#).status == 200 }
    #expect(try isWritable())
  }

  @Test func whyNothingIsAcknowledgedIsSaid() async throws {
    let tab = try Tab(site)
    try fill()
    try tab.edit { try $0.map("workflow").set("name", "Meanwhile") }
    try await until("it is noticed") { try site.send("GET", "/readyz").status == 503 }
    let said = String(decoding: try site.send("GET", "/readyz").body, as: UTF8.self)
    #expect(said.contains("No space left on device"), "\(said)")
    #expect(try !isWritable())
    try mend()
    try tab.settle()
    #expect(try site.send("GET", "/readyz").status == 200 && isWritable())
  }
}
