import Foundation
import FoundationNetworking
import TestSupport
import Testing

/// What project files and repositories may take is set by flags, of servers and of commands.
@Suite struct ProjectLimitTests {
  /// A flag, a value that a file meets, and what is said then.
  static let flags: [(flag: String, value: Int, message: String)] = [
    ("--maximum-project-file-bytes", 40, "the file has more than 40 bytes"),
    ("--maximum-project-file-depth", 2, "nested deeper than 2 levels"),
    ("--maximum-project-file-parts", 5, "more than 5 parts"),
    ("--maximum-alias-bytes", 10, "aliases stand for more than 10 bytes"),
    ("--maximum-code-files", 1, "there are more than 1"),
    ("--maximum-code-file-bytes", 9, "larger than 9 bytes"),
    ("--maximum-code-bytes", 15, "all files together have more than 15 bytes"),
    ("--maximum-file-problems", 2, "and 1 more problems"),
  ]

  /// Meets every limit of `flags`, and none without them but that it has three problems.
  private static let file = """
    name: limited
    x: &text 0123456789
    y: *text
    z: *text
    jobs:
      a:
        name: a
        body: {path: a.js}
      b:
        name: b
        body: {path: b.js}

    """

  @Test(arguments: flags)
  func aFlagSetsWhatAFileMayTake(flag: String, value: Int, message: String) async throws {
    try await Desk.with { desk in
      try desk.write(Self.file, to: "project.yaml")
      for name in ["a.js", "b.js"] { try desk.write("get('/1');", to: name) }
      let arguments = ["diff", "--project", "clinic-reports", desk.path("project.yaml")]
      let free = try await desk.heddle(arguments)
      #expect(free.exit == 1 && !free.errors.contains(message), "\(free)")
      let limited = try await desk.heddle(arguments + [flag, "\(value)"])
      #expect(limited.exit == 1 && limited.errors.contains(message), "\(limited)")
    }
  }

  @Test(arguments: [("--maximum-project-file-depth", "513"), ("--maximum-code-files", "0")])
  func aFlagThatMakesNoSenseIsRefused(flag: String, value: String) async throws {
    try await Desk.with { desk in
      let answer = try await desk.heddle("diff", "-", flag, value)
      #expect(answer.exit == 64 && answer.errors.contains("\(flag) is "), "\(answer)")
    }
  }

  @Test func aServerTakesFilesUpToItsFlags() async throws {
    let server = try await HeddleServer(arguments: ["--maximum-project-file-parts", "3"])
    let url = try #require(URL(string: "http://\(server.address)/api/provision"))
    var request = URLRequest(url: url)
    request.httpMethod = "POST"
    request.httpBody = Data("name: new\nworkflows: {}\ncollections: {}\n".utf8)
    request.setValue("application/yaml", forHTTPHeaderField: "Content-Type")
    let (data, response) = try await URLSession.shared.data(for: request)
    #expect((response as? HTTPURLResponse)?.statusCode == 422)
    #expect(String(decoding: data, as: UTF8.self).contains("more than 3 parts"))
    try await server.stop()
  }

  /// A flag of `heddle sync`, a value that is too small for the repository, and what is said then.
  static let syncFlags: [(flag: String, value: String, message: String)] = [
    ("--maximum-repository-entries", "1", "more than 1 "),
    ("--maximum-repository-file-bytes", "10", "larger than 10 bytes"),
    ("--maximum-project-file-parts", "5", "more than 5 parts"),
  ]

  @Test(arguments: syncFlags)
  func aFlagSetsWhatARepositoryMayTake(flag: String, value: String, message: String) async throws {
    try await Desk.with { desk in
      let remote = try GitRemote()
      let exported = try await desk.heddle("export", "--format", "v1")
      try remote.commit(["project.yaml": exported.output, "notes.md": "none"], message: "Begin")
      let added = try await desk.heddle("repo", "add", "--project", "clinic-reports", "--url", remote.path)
      try #require(added.exit == 0, "\(added)")
      let sync = ["sync", "--project", "clinic-reports", "--repository-dir", desk.path("copies")]
      let limited = try await desk.heddle(sync + [flag, value])
      #expect(limited.exit == 1 && limited.errors.contains(message), "\(limited)")
      let free = try await desk.heddle(sync)
      #expect(free.exit == 0, "\(free)")
    }
  }
}
