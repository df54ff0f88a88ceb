import ChildProcesses
import Foundation
import Testing

@testable import Provisioning

@Suite("Nothing of a repository runs here, and nobody is asked")
struct GitTrustTests {
  private static let ada = GitPerson(name: "Ada", email: "ada@example.com")

  @Test("hooks and configuration of a remote in a folder do not run, for a fetch and a push")
  func hooks() throws {
    let site = try GitSite()
    let marker = "\(site.folder)/ran"
    let script = try site.script("evil", "touch \(marker)\ncat >/dev/null")
    let hooks = [
      "pre-receive", "update", "post-receive", "post-update", "reference-transaction", "proc-receive",
      "push-to-checkout", "pre-auto-gc", "post-checkout",
    ]
    try site.run("mkdir", ["-p", "\(site.remote)/hooks", "\(site.folder)/hooks"], in: site.folder)
    for hook in hooks {
      for folder in ["\(site.remote)/hooks", "\(site.folder)/hooks"] {
        try site.run("cp", [script, "\(folder)/\(hook)"], in: site.folder)
      }
    }
    try site.git(["-c", "core.hooksPath=/dev/null", "config", "core.hooksPath", "\(site.folder)/hooks"])
    for (key, value) in [
      ("core.fsmonitor", script), ("core.alternateRefsCommand", script), ("core.sshCommand", script),
      ("core.pager", script), ("core.gitProxy", script), ("core.editor", script), ("core.askPass", script),
      ("uploadpack.packObjectsHook", script), ("filter.evil.smudge", script),
      ("filter.evil.clean", script), ("receive.denyCurrentBranch", "updateInstead"), ("gc.auto", "1"),
      ("credential.helper", "!\(script)"), ("alias.upload-pack", "!\(script)"), ("gpg.program", script),
    ] {
      try site.git(["config", key, value])
    }
    // Alternates, whose references that command would be asked for.
    let other = try GitSite()
    try other.commit(["o.txt": "o"])
    try Data("\(other.remote)/objects\n".utf8).write(
      to: URL(fileURLWithPath: "\(site.remote)/objects/info/alternates"))
    let quiet = ["-c", "core.hooksPath=/dev/null"]
    let files = [
      ".gitattributes": "* filter=evil\n",
      ".gitmodules": "[submodule \"m\"]\npath = m\nurl = ext::sh -c \"touch \(marker)\"\n",
    ]
    var stream = "commit refs/heads/main\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata 1\nx\n"
    for (path, text) in files { stream += "M 100644 inline \(path)\ndata \(text.utf8.count)\n\(text)\n" }
    try site.git(quiet + ["fast-import", "--quiet"], input: Data(stream.utf8))
    let first = try #require(GitObjectID(site.git(quiet + ["rev-parse", "main"])))
    let copy = try site.copy()
    #expect(try copy.fetch("main").id == first)
    _ = try copy.tree(at: first).contents(of: ".gitattributes")
    let ours = try copy.commit(files: ["b.txt": [1]], onto: first, author: Self.ada, message: "b")
    try copy.push(ours, to: "main")
    #expect(try site.git(quiet + ["rev-parse", "main"]) == "\(ours)")
    #expect(!site.exists(marker))
    // The hooks would have run: they do for others.
    _ = try? site.git(["update-ref", "refs/heads/x", "\(ours)"])
    #expect(site.exists(marker))
  }

  @Test("a work tree with the branch checked out is not changed")
  func workTree() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one"])
    let tree = "\(site.folder)/tree"
    try site.git(["clone", "--quiet", site.remote, tree], in: site.folder)
    try site.git(["config", "receive.denyCurrentBranch", "updateInstead"], in: tree)
    let copy = try site.copy(url: tree)
    #expect(try copy.fetch("main").id == first)
    let ours = try copy.commit(files: ["a.txt": [1]], onto: first, author: Self.ada, message: "b")
    let error = try gitError { try copy.push(ours, to: "main") }
    #expect(error.kind == .declined)
    #expect(error.message.contains("checked out"))
    #expect(try String(contentsOfFile: "\(tree)/a.txt", encoding: .utf8) == "one")
  }

  @Test(
    "what ssh says is told apart",
    arguments: [
      ("Host key verification failed.", GitError.Kind.untrusted),
      ("git@somewhere: Permission denied (publickey).", .credentials),
      ("ssh: Could not resolve hostname somewhere: Name or service not known", .unreachable),
      ("ssh: connect to host somewhere port 22: Connection refused", .unreachable),
      ("ERROR: Repository not found.", .noRepository), ("", .unreachable),
    ])
  func ssh(_ words: String, _ kind: GitError.Kind) throws {
    let site = try GitSite()
    let ssh = try site.script("ssh", "[ -t 0 ] && touch \(site.folder)/terminal\necho '\(words)' >&2\nexit 255")
    let copy = try site.copy(url: "git@somewhere:a.git", environment: ["GIT_SSH_COMMAND": ssh])
    let error = try gitError { _ = try copy.fetch("main") }
    #expect(error.kind == kind, "\(error)")
    #expect(!error.message.contains("\n"))
    if !words.isEmpty { #expect(error.output.contains(words)) }
    #expect(!site.exists("\(site.folder)/terminal"))
  }

  @Test("ssh is told not to ask, and what the environment has for it is kept")
  func sshOptions() throws {
    let site = try GitSite()
    try site.run("mkdir", ["bin"], in: site.folder)
    _ = try site.script("bin/ssh", "echo \"$@\" >>\(site.folder)/said\nexit 255")
    let copy = try site.copy(
      url: "ssh://git@somewhere:2222/a.git", environment: ["PATH": "\(site.folder)/bin:/usr/bin:/bin"])
    _ = try gitError { _ = try copy.fetch("main") }
    let said = try String(contentsOfFile: "\(site.folder)/said", encoding: .utf8)
    #expect(said.contains("-oBatchMode=yes"))
    #expect(said.contains("-p 2222 git@somewhere git-upload-pack '/a.git'"))
  }

  @Test(
    "what a web server answers is told apart, and nobody is asked for a password",
    arguments: [
      (401, GitError.Kind.credentials), (403, .credentials), (404, .noRepository), (500, .unreachable),
      (503, .unreachable),
    ])
  func web(_ status: Int, _ kind: GitError.Kind) throws {
    let site = try GitSite()
    let server = try AnsweringServer(status: status)
    let copy = try site.copy(url: "http://127.0.0.1:\(server.port)/a.git", environment: ["no_proxy": "*"])
    let error = try withExtendedLifetime(server) { try gitError { _ = try copy.fetch("main") } }
    #expect(error.kind == kind, "\(error)")
  }

  @Test("a redirect does not lead to another protocol, nor to another machine without encryption")
  func redirect() throws {
    let site = try GitSite()
    try site.commit(["a.txt": "one"])
    let server = try AnsweringServer(status: 302, location: "file://\(site.remote)/info/refs?service=git-upload-pack")
    let copy = try site.copy(url: "http://127.0.0.1:\(server.port)/a.git", environment: ["no_proxy": "*"])
    let error = try withExtendedLifetime(server) { try gitError { _ = try copy.fetch("main") } }
    #expect(error.kind == .unreachable)
  }
}

/// A web server that gives each request the same answer, and ends with this.
private final class AnsweringServer {
  let port: Int
  private let process: ChildProcess
  /// Open as long as it may say something.
  private let output: FileHandle

  init(status: Int, location: String = "") throws {
    let script = """
      import http.server, sys
      class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
          self.send_response(\(status))
          self.send_header('WWW-Authenticate', 'Basic realm="x"')
          if '\(location)': self.send_header('Location', '\(location)')
          self.send_header('Content-Length', '0')
          self.end_headers()
        def log_message(self, *arguments): pass
      server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
      print(server.server_port, flush=True)
      server.serve_forever()
      """
    let pipe = try ProcessPipe()
    process = try ChildProcess("python3", ["-c", script], output: .descriptor(pipe.writing.fileDescriptor))
    try pipe.writing.close()
    output = pipe.reading
    let line = String(decoding: output.availableData, as: UTF8.self)
    port = try #require(Int(line.trimmingCharacters(in: .newlines)))
  }

  deinit {
    process.signal(SIGKILL)
    process.waitForExit()
  }
}
