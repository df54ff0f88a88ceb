import ChildProcesses
import Foundation

/// A bare git repository in a temporary folder, and what others do with it. The folder goes away with it.
public final class GitRemote: Sendable {
  /// It did not do what it was told; says what git said.
  public struct Failure: Error, CustomStringConvertible {
    public var description: String

    public init(description: String) {
      self.description = description
    }
  }

  /// Where it is, as git wants it.
  public let path: String
  private let folder: URL

  public init() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-remote-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    self.folder = folder
    path = folder.appendingPathComponent("remote.git").path
    try git(["init", "--quiet", "--bare", "--initial-branch=main", path], in: folder.path)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  /// Commits files to a branch as somebody else does, nil for files that go, and returns the commit. With `parent` the branch
  /// is rewritten.
  @discardableResult
  public func commit(
    _ files: [String: String?], to branch: String = "main", message: String = "A change", onto parent: String? = nil
  ) throws -> String {
    var stream = "commit refs/heads/\(branch)\ncommitter Ada <ada@example.com> 1700000000 +0000\n"
    stream += "data \(message.utf8.count)\n\(message)\n"
    let exists = try !git(["for-each-ref", "refs/heads/\(branch)"]).isEmpty
    if let parent = parent ?? (exists ? "refs/heads/\(branch)^0" : nil) { stream += "from \(parent)\n" }
    for (path, text) in files.sorted(by: { $0.key < $1.key }) {
      if let text {
        stream += "M 100644 inline \(path)\ndata \(text.utf8.count)\n\(text)\n"
      } else {
        stream += "D \(path)\n"
      }
    }
    try git(["fast-import", "--quiet", "--force"], input: stream)
    return try head(branch)
  }

  /// The last commit of a branch.
  public func head(_ branch: String = "main") throws -> String { try git(["rev-parse", "refs/heads/\(branch)"]) }

  /// What a file holds at the end of a branch; nil where there is none.
  public func file(_ path: String, _ branch: String = "main") -> String? {
    try? git(["cat-file", "blob", "refs/heads/\(branch):\(path)"], trimming: false)
  }

  /// Something about the last commit, as `git log --format` has it.
  public func log(_ format: String, _ branch: String = "main") throws -> String {
    try git(["log", "-1", "--format=\(format)", "refs/heads/\(branch)"])
  }

  /// Takes it away, as if the machine were gone, or brings it back.
  public func setGone(_ isGone: Bool) throws {
    let (here, away) = (path, path + ".away")
    try FileManager.default.moveItem(atPath: isGone ? here : away, toPath: isGone ? away : here)
  }

  /// Has it run a script before it takes a push.
  public func setHook(_ name: String, _ script: String?) throws {
    let file = URL(fileURLWithPath: "\(path)/hooks/\(name)")
    guard let script else { return try FileManager.default.removeItem(at: file) }
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
  }

  /// What git is told of who it works for.
  public static let environment = [
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
  ]

  /// Runs git in it, and returns what it printed.
  @discardableResult
  public func git(
    _ arguments: [String], in directory: String? = nil, input: String = "", trimming: Bool = true
  ) throws -> String {
    let result = try ChildProcess.run(
      "git", arguments, environment: Self.environment, directory: directory ?? path, input: Data(input.utf8))
    guard result.exit == 0 else { throw Failure(description: "git \(arguments): \(result.errors)") }
    return trimming ? result.output.trimmingCharacters(in: .newlines) : result.output
  }
}
