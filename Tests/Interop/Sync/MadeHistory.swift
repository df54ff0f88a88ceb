import Foundation
import TestSupport
import Testing
import Workflow

/// A repository with the history of a project, which `make-history.py` makes, and what rows each commit stands for.
struct MadeHistory {
  struct Commit {
    let id: String
    let message: String
    let workflows: [JSONValue]
  }

  /// The bare repository. Its branch `main` is at the newest commit; `show` puts another there.
  let repository: URL
  let project: String
  let commits: [Commit]
  /// What a force push puts in the place of the commits after `kept`.
  let rewritten: [Commit]
  let kept: String?

  init(count: Int, seed: UInt64, in folder: URL, isRewritten: Bool = false) async throws {
    repository = folder.appendingPathComponent("history.git")
    let expected = folder.appendingPathComponent("history.json")
    project = UUID().uuidString.lowercased()
    let script = Repository.root.appendingPathComponent("Tests/Interop/Clients/make-history.py").path
    let arguments = [
      "python3", script, repository.path, expected.path, "--count", "\(count)", "--seed", "\(seed)", "--project",
      project, "--name", "history-\(project.prefix(8))",
    ]
    let process = try LineProcess("/usr/bin/env", arguments + (isRewritten ? ["--rewrite"] : []))
    try #require(try await process.waitForExit(limit: .seconds(60)) == 0)
    let told = try JSONValue(parsing: [UInt8](Data(contentsOf: expected)))
    commits = Self.commits(told["commits"])
    rewritten = Self.commits(told["rewritten"])
    kept = told["kept"]?.string
    try #require(commits.count == count)
  }

  private static func commits(_ list: JSONValue?) -> [Commit] {
    (list?.array ?? []).map {
      Commit(
        id: $0["commit"]?.string ?? "", message: $0["message"]?.string ?? "", workflows: $0["workflows"]?.array ?? [])
    }
  }

  /// Makes a commit the newest one of `main`.
  func show(_ commit: Commit) async throws {
    let git = try LineProcess(
      "/usr/bin/env", ["git", "-C", repository.path, "update-ref", "refs/heads/main", commit.id])
    try #require(try await git.waitForExit() == 0)
  }
}
