import Foundation
import Testing

@testable import Provisioning

@Suite("Commits are made and pushed without a work tree")
struct GitCommitTests {
  private static let ada = GitPerson(name: "Ada Lovelace", email: "ada@example.com")
  private static let heddle = GitPerson(name: "Heddle", email: "heddle@example.com")

  @Test("files are changed, added and taken away; author, committer and message are there")
  func commits() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one", "b.txt": "one", "d/c.txt": "one"])
    try site.git(["update-index", "--add", "--cacheinfo", "100755,\(site.git(["rev-parse", "\(first):a.txt"])),run.sh"])
    let tree = try site.git(["write-tree"])
    let base = try #require(
      GitObjectID(site.git(["commit-tree", tree, "-p", "\(first)", "-m", "executable"])))
    try site.git(["update-ref", "refs/heads/main", "\(base)"])
    let copy = try site.copy()
    _ = try copy.fetch("main")
    let odd = "d/ä \"q\" \\ back\nline\ttab.js"
    let id = try copy.commit(
      files: ["run.sh": Array("two".utf8), odd: Array("odd".utf8), "./e/f/g.txt": []], onto: base, author: Self.ada,
      committer: Self.heddle, message: "Grüße 🎉\n\nzwei")
    try copy.push(id, to: "main")
    #expect(try site.head() == id)
    let format = "%an <%ae> %cn <%ce> %P%n%B"
    #expect(
      try site.git(["log", "-1", "--format=\(format)", "main"])
        == "Ada Lovelace <ada@example.com> Heddle <heddle@example.com> \(base)\nGrüße 🎉\n\nzwei")
    #expect(
      try site.git(["ls-tree", "-r", "-z", "main"]).split(separator: "\0").map {
        $0.prefix(6) + " " + $0.split(separator: "\t", maxSplits: 1)[1]
      }
        == ["100755 run.sh", "100644 \(odd)", "100644 e/f/g.txt"].sorted { $0.dropFirst(7) < $1.dropFirst(7) })
    let tree2 = try copy.tree(at: id)
    #expect(try tree2.contents(of: odd) == Array("odd".utf8))
    #expect(try tree2.contents(of: "e/f/g.txt").isEmpty)
    #expect(try copy.changedPaths(from: base, to: id) == [odd, "e/f/g.txt", "run.sh"])
  }

  @Test("a commit that changes nothing is the commit before it")
  func nothing() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one"])
    let copy = try site.copy()
    _ = try copy.fetch("main")
    let same = try copy.commit(
      files: ["a.txt": Array("one".utf8), "none.txt": nil], onto: first, author: Self.ada, message: "nothing")
    #expect(same == first)
  }

  @Test("the first commit of an empty repository is pushed, unless somebody else was first")
  func firstCommit() throws {
    let site = try GitSite()
    let copy = try site.copy()
    #expect(try gitError { _ = try copy.fetch("main") }.kind == .empty)
    let id = try copy.commit(files: ["a.txt": [1]], onto: nil, author: Self.ada, message: "first")
    let other = try site.commit(["a.txt": "other"], to: "main")
    #expect(try gitError { try copy.push(id, to: "main") }.kind == .rejected)
    #expect(try site.head() == other)
    try site.git(["update-ref", "-d", "refs/heads/main"])
    try copy.push(id, to: "main")
    #expect(try site.head() == id)
    #expect(try copy.fetch("main").id == id)
  }

  @Test("who pushed in between is not overwritten, also where the branch was rewritten or went back")
  func movedOn() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one"])
    let second = try site.commit(["a.txt": "two"])
    let copy = try site.copy()
    _ = try copy.fetch("main")
    let ours = try copy.commit(files: ["b.txt": [1]], onto: second, author: Self.ada, message: "ours")
    // Somebody pushed.
    let third = try site.commit(["a.txt": "three"])
    #expect(try gitError { try copy.push(ours, to: "main") }.kind == .rejected)
    #expect(try site.head() == third)
    // Somebody rewrote the branch.
    let rewritten = try site.commit(["a.txt": "four"], onto: "\(first)")
    #expect(try gitError { try copy.push(ours, to: "main") }.kind == .rejected)
    #expect(try site.head() == rewritten)
    // Somebody took the last commit back; to push would bring it back.
    try site.git(["update-ref", "refs/heads/main", "\(first)"])
    #expect(try gitError { try copy.push(ours, to: "main") }.kind == .rejected)
    #expect(try site.head() == first)
    // What was seen since does not allow it either, since the commit doesn't follow on it.
    try site.git(["update-ref", "refs/heads/main", "\(third)"])
    _ = try copy.fetch("main")
    #expect(try gitError { try copy.push(ours, to: "main") }.kind == .rejected)
    // Merged, it goes.
    let merged = try copy.commit(files: ["b.txt": [1]], onto: third, author: Self.ada, message: "ours, again")
    try copy.push(merged, to: "main")
    #expect(try site.head() == merged)
  }

  @Test("nothing is written outside, into git's folder, through links, or over folders")
  func places() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one", "d/c.txt": "one"])
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
        data 4
        /tmp
        M 160000 \(first) module

        """.utf8))
    let base = try site.head()
    let copy = try site.copy()
    _ = try copy.fetch("main")
    for path in [
      "../x", "/etc/x", "a/../x", "", ".", "d/..", ".git/config", "d/.GIT/x", "d/git~1/x", "d/.git ./x",
      "d/.g\u{200C}it/x",
      "link", "link/x", "module", "module/x", "d", "a.txt/x", "d//x", "x/", "x\0y",
    ] {
      let error = try gitError {
        _ = try copy.commit(files: [path: [1]], onto: base, author: Self.ada, message: "no")
      }
      #expect(error.kind == .invalid, "\(path.debugDescription)")
    }
    #expect(
      try copy.commit(files: [".github/x": [1], "git/x": [1]], onto: base, author: Self.ada, message: "yes") != base)
  }

  @Test("names and messages that would break a commit are made ones that don't")
  func names() throws {
    let site = try GitSite()
    let copy = try site.copy()
    let id = try copy.commit(
      files: ["a.txt": [1]], onto: nil, author: GitPerson(name: " <>\n ", email: "a\n>b"),
      message: "one\0two\ndata 100\nM 100644 inline evil")
    let commit = try copy.commit(id)
    #expect(commit.author == GitPerson(name: "unknown", email: "ab"))
    #expect(commit.message == "onetwo\ndata 100\nM 100644 inline evil")
    #expect(try copy.tree(at: id).paths == ["a.txt"])
  }

  @Test("a remote that does not take commits says why")
  func declined() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one"])
    // Hooks of a folder don't run here, so the remote declines by its configuration.
    try site.git(["config", "receive.fsckObjects", "true"])
    try site.git(["config", "receive.denyUpdates", "true"])
    try site.git(["config", "transfer.hideRefs", "refs/heads/main"])
    let copy = try site.copy()
    let ours = try copy.commit(files: ["b.txt": [1]], onto: nil, author: Self.ada, message: "ours")
    let error = try gitError { try copy.push(ours, to: "main") }
    #expect(error.kind == .declined, "\(error)")
    #expect(try site.head() == first)
  }
}
