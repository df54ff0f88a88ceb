import ChildProcesses
import Foundation
import TestSupport
import Testing

@testable import Provisioning

/// A remote repository in a temporary folder, with what makes commits in it as somebody else, and copies of it as Heddle
/// has them. The folder goes away with it.
final class GitSite: Sendable {
  let folder: String
  /// The bare repository.
  let remote: String

  init(_ name: String = "remote.git") throws {
    var template = Array("/tmp/heddle-git-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    remote = "\(folder)/\(name)"
    try git(["init", "--quiet", "--bare", "--initial-branch=main", remote], in: folder)
  }

  deinit {
    GitFolder.removeAll(at: folder)
  }

  /// A copy in a folder of its own.
  func copy(
    _ name: String = "copy", url: String? = nil, limits: GitLimits = GitLimits(),
    processes: GitProcesses = GitProcesses(), environment: [String: String] = [:]
  ) throws -> GitRepository {
    try GitRepository(
      url: GitURL(url ?? remote), folder: "\(folder)/copies/\(name)", limits: limits, processes: processes,
      environment: environment)
  }

  /// Runs git as somebody else, and returns what it printed.
  @discardableResult
  func git(_ arguments: [String], in directory: String? = nil, input: Data? = nil) throws -> String {
    try run("git", arguments, in: directory ?? remote, input: input)
  }

  @discardableResult
  func run(_ program: String, _ arguments: [String], in directory: String, input: Data? = nil) throws -> String {
    let result = try ChildProcess.run(
      program, arguments, environment: GitRemote.environment, directory: directory, input: input ?? Data())
    guard result.exit == 0 else { throw GitError(.failed, "\(program) \(arguments): \(result.errors)") }
    return result.output.trimmingCharacters(in: .newlines)
  }

  /// Commits files to a branch of the remote, as somebody else does, and returns the commit. `parent` other than the
  /// branch's last commit rewrites the branch.
  @discardableResult
  func commit(
    _ files: [String: String?], to branch: String = "main", message: String = "A change", onto parent: String? = nil
  ) throws -> GitObjectID {
    var stream = "commit refs/heads/\(branch)\ncommitter Ada <ada@example.com> 1700000000 +0000\n"
    stream += "data \(message.utf8.count)\n\(message)\n"
    if let parent = try parent ?? (hasBranch(branch) ? "refs/heads/\(branch)^0" : nil) { stream += "from \(parent)\n" }
    for (path, text) in files {
      if let text {
        stream += "M 100644 inline \(path)\ndata \(text.utf8.count)\n\(text)\n"
      } else {
        stream += "D \(path)\n"
      }
    }
    try git(["fast-import", "--quiet", "--force"], input: Data(stream.utf8))
    return try head(branch)
  }

  func head(_ branch: String = "main") throws -> GitObjectID {
    try #require(GitObjectID(git(["rev-parse", "refs/heads/\(branch)"])))
  }

  private func hasBranch(_ branch: String) throws -> Bool {
    try !git(["for-each-ref", "refs/heads/\(branch)"]).isEmpty
  }

  /// A script that can be run, and its path.
  func script(_ name: String, _ text: String) throws -> String {
    let path = "\(folder)/\(name)"
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(fileURLWithPath: path))
    try #require(chmod(path, 0o755) == 0)
    return path
  }

  func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

/// The error that something throws, which is one of git's.
func gitError(_ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) throws -> GitError {
  do {
    try body()
  } catch let error as GitError {
    return error
  }
  throw GitError(.failed, "nothing was thrown at \(sourceLocation)")
}
