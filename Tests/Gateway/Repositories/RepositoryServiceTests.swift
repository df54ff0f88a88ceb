import Foundation
import Storage
import TestSupport
import Testing
import Workflow

@testable import Gateway

/// What a server does about repositories by itself.
@Suite struct RepositoryServiceTests {
  private static let path = "/api/projects/\(SampleProject.id)/repository"

  /// A server on the sample project, with a repository that it polls as often as said.
  private final class Office {
    let remote: GitRemote
    let site: AccessSite
    private let folder: URL

    init(
      _ files: [String: String?] = [SyncSite.specPath: Spec().text], poll: Duration = .milliseconds(100),
      configure: @escaping (inout RepositoryConfiguration) -> Void = { _ in }
    ) throws {
      remote = try GitRemote()
      try remote.commit(files)
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-copies-\(UUID().uuidString)")
      self.folder = folder
      site = try AccessSite(gateway: {
        var configuration = RepositoryConfiguration(folder: folder.path)
        configuration.pollInterval = poll
        configuration.retryDelay = .milliseconds(50)
        configuration.retryLimit = .milliseconds(200)
        configure(&configuration)
        $0.repositories = configuration
      })
      try site.psql.run("delete from project_repo_connections where project_id = '\(SampleProject.id)'")
      let new = try RepositorySetup(url: remote.path).checked(for: SampleProject.id, .all)
      _ = try site.store.wait { site.store.addRepository(new, $0) }
    }

    func stop() {
      site.stop()
      try? FileManager.default.removeItem(at: folder)
    }

    var connection: JSONValue {
      get throws { try site.request("GET", path, as: .viewer).json["data"] ?? .null }
    }

    func body() throws -> String? {
      try site.psql.run("select body from jobs where id = '\(SampleProject.jobs[0])'").first?.first ?? nil
    }

    /// Waits until something is so.
    func wait(
      _ what: String, limit: Duration = .seconds(20), until condition: () throws -> Bool
    ) throws {
      try until(what, limit: limit, pause: .milliseconds(20), state: connection.text, condition)
    }
  }

  @Test func newsComesByItself() throws {
    let office = try Office()
    defer { office.stop() }
    try office.wait("the first sync") { try office.connection["synced_commit"]?.string == office.remote.head() }
    try office.remote.commit([SyncSite.specPath: Spec(fetch: "news()").text])
    try office.wait("the second sync") { try office.body() == "news()" }
    // What is in the database is counted a moment later.
    var metrics = ""
    try office.wait("that the sync is counted") {
      metrics = try office.site.request("GET", "/metrics", as: .superuser).text
      return metrics.contains("heddle_repository_syncs_total{direction=\"pull\",outcome=\"imported\"}")
    }
    #expect(metrics.contains("heddle_repository_connections_failing 0"), "\(metrics)")
  }

  @Test func withoutPollingItIsDoneWhenSomebodyAsks() throws {
    let office = try Office(poll: .zero)
    defer { office.stop() }
    let asked = try office.site.request("POST", "\(Self.path)/sync", [:], as: .editor)
    #expect(asked.status == 202, "\(asked.text)")
    try office.wait("the sync") { try office.connection["synced_commit"]?.string == office.remote.head() }
    let syncs = try office.site.request("GET", "\(Self.path)/syncs", as: .viewer).json["data"]
    let last = syncs?.array?.first
    #expect(last?["cause"] == "request" && last?["actor"]?["name"] == "editor", "\(syncs?.text ?? "")")
    #expect(try office.site.request("POST", "\(Self.path)/sync", ["direction": "x"], as: .editor).status == 422)
    let page = try office.site.request(
      "GET", "\(Self.path)/syncs?before=\(last?["number"]?.integer ?? 0)", as: .viewer)
    #expect(page.json["data"] == [])
  }

  @Test func aRemoteThatComesBackHealsByItself() throws {
    let office = try Office()
    defer { office.stop() }
    try office.wait("the first sync") { try office.connection["synced_commit"] != .null }
    try office.remote.setGone(true)
    try office.wait("the failure") { try (office.connection["failure"]?["attempts"]?.integer ?? 0) > 1 }
    #expect(try office.connection["failure"]?["message"]?.string?.isEmpty == false)
    try office.wait("the count") {
      try office.site.request("GET", "/metrics", as: .superuser).text.contains(
        "heddle_repository_connections_failing 1")
    }
    try office.remote.setGone(false)
    try office.remote.commit([SyncSite.specPath: Spec(fetch: "back()").text])
    try office.wait("the healing") { try office.body() == "back()" }
    try office.wait("the status") { try office.connection["failure"] == .null }
  }

  /// Of two servers one syncs each commit.
  @Test func twoServersSyncEachCommitOnce() throws {
    let office = try Office()
    defer { office.stop() }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-copies-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var configuration = RepositoryConfiguration(folder: folder.path)
    configuration.pollInterval = .milliseconds(100)
    let other = RepositoryService(
      store: office.site.store, configuration: configuration, policy: .standard, logger: office.site.log.logger)
    other.start()
    defer { other.stop() }
    for number in 0..<5 {
      try office.remote.commit([SyncSite.specPath: Spec(fetch: "commit(\(number))").text])
      try office.wait("sync \(number)") { try office.body() == "commit(\(number))" }
    }
    let versions = try office.site.psql.run("select lock_version from workflows where id = '\(SampleProject.workflow)'")
    let imports = try office.site.psql.run("select commit_to from repo_syncs where outcome = 'changed'")
    #expect(Set(imports).count == imports.count, "no commit was imported twice")
    #expect(versions == [["\(imports.count)"]], "\(versions), \(imports.count)")
  }

  /// Who held the lease died: somebody else goes on when it has run out.
  @Test func whatADeadServerLeftIsTakenOver() throws {
    let office = try Office(poll: .zero)
    defer { office.stop() }
    let claim = try office.site.store.wait {
      office.site.store.claimRepository(of: SampleProject.id, lease: .milliseconds(300), $0)
    }
    #expect(claim != nil)
    #expect(try office.connection["status"] == "syncing")
    try office.wait("the takeover") { try office.connection["synced_commit"]?.string == office.remote.head() }
  }

  // MARK: Save and sync

  private static let save = "/api/workflows/\(SampleProject.workflow)/save-and-sync"

  /// S60 and S110: what stands for dispatching the hosting service's job is the push itself.
  @Test func s110_aSaveIsCommittedAndPushed() throws {
    let office = try Office(poll: .zero)
    defer { office.stop() }
    _ = try office.site.request("POST", "\(Self.path)/sync", [:], as: .editor)
    try office.wait("the first sync") { try office.connection["synced_commit"] != .null }
    let workflow = "/api/workflows/\(SampleProject.workflow)"
    let patched = try office.site.request(
      "PATCH", workflow, ["name": "Saved"], token: office.site.token(.editor),
      headers: ["Content-Type: application/merge-patch+json"])
    #expect(patched.status == 200, "\(patched.text)")
    let blank = try office.site.request("POST", Self.save, ["commit_message": " "], as: .editor)
    #expect(blank.status == 422 && blank.json["errors"] == ["commit_message": ["can't be blank"]])
    #expect(try office.site.psql.run("select name from workflows") == [["Intake"]], "nothing was saved")

    let answer = try office.site.request("POST", Self.save, ["commit_message": "Rename it"], as: .editor)
    #expect(answer.status == 200 && answer.json["pushed"] == true, "\(answer.text)")
    #expect(try answer.json["commit"]?.string == office.remote.head())
    #expect(try office.remote.log("%s|%an|%ae") == "Rename it|editor|editor@example.com")
    #expect(office.remote.file(SyncSite.specPath)?.contains("name: Saved") == true)
  }

  @Test func aSaveWhoseSyncFailsSaysThatItIsSaved() throws {
    let office = try Office(poll: .zero)
    defer { office.stop() }
    _ = try office.site.request(
      "PATCH", "/api/workflows/\(SampleProject.workflow)", ["name": "Saved"], token: office.site.token(.editor),
      headers: ["Content-Type: application/merge-patch+json"])
    try office.remote.setGone(true)
    let answer = try office.site.request("POST", Self.save, ["commit_message": "Rename it"], as: .editor)
    #expect([422, 503].contains(answer.status) && answer.json["type"] == "github_sync_error", "\(answer.text)")
    #expect(answer.json["saved"] == true && answer.text.contains("Saved, but not synced"))
    #expect(try office.site.psql.run("select name from workflows") == [["Saved"]])
    try office.remote.setGone(false)
  }

  @Test func whereThereIsNothingToSyncWithNothingIsSaved() throws {
    let office = try Office(poll: .zero)
    defer { office.stop() }
    try office.site.psql.run("delete from project_repo_connections where project_id = '\(SampleProject.id)'")
    _ = try office.site.request(
      "PATCH", "/api/workflows/\(SampleProject.workflow)", ["name": "Saved"], token: office.site.token(.editor),
      headers: ["Content-Type: application/merge-patch+json"])
    let answer = try office.site.request("POST", Self.save, ["commit_message": "Rename it"], as: .editor)
    #expect(answer.status == 422 && answer.text.contains("No GitHub connection configured for this project"))
    #expect(try office.site.psql.run("select name from workflows") == [["Intake"]])
  }
}
