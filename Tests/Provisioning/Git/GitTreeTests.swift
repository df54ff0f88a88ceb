import Foundation
import Testing

@testable import Provisioning

@Suite("A commit's files are read without a checkout")
struct GitTreeTests {
  private func error(_ tree: GitTree, _ path: String) -> FileTreeError? {
    do throws(FileTreeError) {
      _ = try tree.contents(of: path)
      return nil
    } catch {
      return error
    }
  }

  @Test("only regular files, by paths that stay inside")
  func kinds() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one", "d/c.txt": "two"])
    try site.git(
      ["fast-import", "--quiet"],
      input: Data(
        """
        commit refs/heads/main
        committer Ada <ada@example.com> 1700000000 +0000
        data 1
        x
        from \(first)
        M 120000 inline link
        data 11
        /etc/passwd
        M 120000 inline d/up
        data 2
        ..
        M 160000 \(first) module
        M 100755 inline run.sh
        data 3
        run
        M 100644 inline "new\\nline \\"q\\" \\303\\244"
        data 3
        odd
        M 100644 inline "latin\\344"
        data 3
        bad

        """.utf8))
    let copy = try site.copy()
    let tree = try copy.tree(at: copy.fetch("main").id)
    #expect(try tree.contents(of: "a.txt") == Array("one".utf8))
    #expect(try tree.contents(of: "./d/./c.txt") == Array("two".utf8))
    #expect(try tree.contents(of: "run.sh") == Array("run".utf8))
    #expect(try tree.contents(of: "new\nline \"q\" ä") == Array("odd".utf8))
    #expect(tree.paths == ["a.txt", "d/c.txt", "new\nline \"q\" ä", "run.sh"])
    for path in ["link", "link/passwd", "d/up", "d/up/a.txt"] {
      #expect(error(tree, path) == .notAFile("a symbolic link"), "\(path)")
    }
    for path in ["module", "module/a.txt"] { #expect(error(tree, path) == .notAFile("a submodule"), "\(path)") }
    #expect(error(tree, "d") == .notAFile("a folder"))
    for path in ["none", "d/none", "a.txt/x", "D/c.txt", "latin\u{FFFD}", "a"] {
      #expect(error(tree, path) == .missing, "\(path)")
    }
    for path in [
      "/a.txt", "../a.txt", "d/../a.txt", "", ".", "/", ".git/HEAD", "d//c.txt", "a.txt\0", "d/", "d\u{600}/.git/HEAD",
      "../\u{301}a",
    ] {
      #expect(error(tree, path) == .outside, "\(path.debugDescription)")
    }
  }

  @Test("paths that Unicode takes for equal are different files")
  func normalisation() throws {
    let site = try GitSite()
    let (composed, decomposed) = ("\u{E9}.js", "e\u{301}.js")
    let id = try site.commit([composed: "composed"])
    let both = try site.commit([decomposed: "decomposed"])
    #expect(id != both)
    let copy = try site.copy()
    let tree = try copy.tree(at: copy.fetch("main").id)
    #expect(try tree.contents(of: composed) == Array("composed".utf8))
    #expect(try tree.contents(of: decomposed) == Array("decomposed".utf8))
  }

  @Test("files over the limits are refused, and not fetched where the remote can leave them out")
  func limits() throws {
    let site = try GitSite()
    let large = String(repeating: "x", count: 2001)
    try site.commit(["d/large.txt": large, "d/fits.txt": String(repeating: "y", count: 2000), "a.txt": "one"])
    let copy = try site.copy(limits: GitLimits(maximumFileBytes: 2000, maximumReadBytes: 3000))
    let commit = try copy.fetch("main").id
    let tree = try copy.tree(at: commit)
    #expect(error(tree, "d/large.txt") == .tooLarge(limit: 2000))
    #expect(try tree.contents(of: "d/fits.txt").count == 2000)
    #expect(error(tree, "d/large.txt") == .tooLarge(limit: 1000))
    #expect(try tree.contents(of: "a.txt") == Array("one".utf8))
    let object = try site.git(["rev-parse", "main:d/large.txt"])
    let stored = try copy.localOutput(["cat-file", "-e", object])
    #expect(stored.exitCode != 0)
    // A commit on top of what was left out can be made and pushed, and the file stays.
    let ours = try copy.commit(
      files: ["a.txt": [1], "d/fits.txt": nil], onto: commit, author: GitPerson(name: "A", email: "a@b"), message: "m")
    try copy.push(ours, to: "main")
    #expect(try site.git(["show", "main:d/large.txt"]) == large)
    try site.git(["fsck", "--full", "--strict"])
    let few = try site.copy("few", limits: GitLimits(maximumTreeEntries: 1))
    let last = try few.fetch("main").id
    #expect(try gitError { _ = try few.tree(at: last) }.kind == .tooLarge)
  }

  @Test("what was left out of a copy is there once it may be larger")
  func raisedLimit() throws {
    let site = try GitSite()
    let large = String(repeating: "x", count: 100)
    try site.commit(["early.txt": large])
    func read(_ path: String, limit: Int) throws -> Int? {
      let copy = try site.copy(limits: GitLimits(maximumFileBytes: limit))
      let tree = try copy.tree(at: copy.fetch("main").id)
      return try? tree.contents(of: path).count
    }
    #expect(try read("early.txt", limit: 10) == nil)
    #expect(try read("early.txt", limit: 1000) == 100)
    // A lower limit in between leaves out what is new.
    try site.commit(["late.txt": large + "y"])
    #expect(try read("late.txt", limit: 10) == nil)
    #expect(try read("early.txt", limit: 1000) == 100)
    #expect(try read("late.txt", limit: 1000) == 101)
  }

  @Test("two hundred bodies are read in well under a second")
  func many() throws {
    let site = try GitSite()
    var files: [String: String?] = [:]
    for number in 0..<200 { files["jobs/job-\(number).js"] = String(repeating: "line \(number)\n", count: 40) }
    for number in 0..<200 { files["docs/page-\(number).md"] = String(repeating: "page \(number)\n", count: 40) }
    try site.commit(files)
    let copy = try site.copy()
    let commit = try copy.fetch("main").id
    let clock = ContinuousClock()
    let time = try clock.measure {
      let tree = try copy.tree(at: commit)
      for number in 0..<200 {
        let bytes = try tree.contents(of: "jobs/job-\(number).js")
        #expect(String(decoding: bytes, as: UTF8.self) == files["jobs/job-\(number).js"]!)
      }
    }
    print("200 files read in \(time)")
    #expect(time < .seconds(1))
  }
}
