import Foundation
import Testing

@testable import Provisioning

@Suite("A repository is fetched")
struct GitFetchTests {
  @Test("the last commit of the branch, with author, date, message and parents")
  func lastCommit() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one"])
    let second = try site.commit(["a.txt": "two"], message: "Zwei\n\nmit Grüßen\n")
    let commit = try site.copy().fetch("main")
    #expect(
      commit
        == GitCommit(
          id: second, author: GitPerson(name: "Ada", email: "ada@example.com"), date: 1_700_000_000,
          message: "Zwei\n\nmit Grüßen", parents: [first]))
    #expect(commit.subject == "Zwei")
  }

  @Test("again and again, into a copy without tags, work tree and other branches")
  func again() throws {
    let site = try GitSite()
    try site.commit(["a.txt": "one"], to: "other")
    let copy = try site.copy()
    for text in ["one", "two", "three"] {
      let id = try site.commit(["a.txt": text])
      try site.git(["tag", "v-\(text)", "\(id)"])
      #expect(try copy.fetch("main").id == id)
      #expect(try String(decoding: copy.tree(at: id).contents(of: "a.txt"), as: UTF8.self) == text)
    }
    #expect(try site.git(["for-each-ref", "--format=%(refname)"], in: copy.folder.copy) == "refs/heddle/branches/main")
    #expect(!site.exists("\(copy.folder.copy)/hooks"))
  }

  @Test("branches whose names begin alike are beside each other")
  func alike() throws {
    let site = try GitSite()
    let copy = try site.copy()
    let first = try site.commit(["a.txt": "one"], to: "team")
    #expect(try copy.fetch("team").id == first)
    try site.git(["update-ref", "-d", "refs/heads/team"])
    let second = try site.commit(["a.txt": "two"], to: "team/main%2F")
    #expect(try copy.fetch("team/main%2F").id == second)
    #expect(copy.folder.branches.sorted() == ["team", "team/main%2F"])
  }

  @Test("a branch that was rewritten is followed, and it can be told")
  func forced() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one"])
    let second = try site.commit(["a.txt": "two"])
    let copy = try site.copy()
    _ = try copy.fetch("main")
    let rewritten = try site.commit(["a.txt": "three"], onto: "\(first)")
    #expect(try copy.fetch("main").id == rewritten)
    #expect(try !copy.isAncestor(second, of: rewritten))
    #expect(try copy.isAncestor(first, of: rewritten))
    #expect(try copy.isAncestor(rewritten, of: rewritten))
    #expect(try !copy.isAncestor(#require(GitObjectID(String(repeating: "0", count: 39) + "1")), of: rewritten))
  }

  @Test("what isn't there is told apart: the remote, the repository, the branch, any commit")
  func absent() throws {
    let site = try GitSite()
    let copy = try site.copy()
    #expect(try gitError { _ = try copy.fetch("main") }.kind == .empty)
    try site.commit(["a.txt": "one"], to: "trunk")
    let noBranch = try gitError { _ = try copy.fetch("main") }
    #expect(noBranch.kind == .noBranch)
    #expect(noBranch.message == "the repository has no branch main; it has trunk")
    #expect(try gitError { _ = try site.copy("b", url: "\(site.folder)/none.git").fetch("main") }.kind == .noRepository)
    let gone = try gitError { _ = try site.copy("c", url: "http://127.0.0.1:1/a.git").fetch("main") }
    #expect(gone.kind == .unreachable)
    #expect(gone.isTemporary)
    #expect(try gitError { _ = try copy.fetch("a b") }.kind == .invalid)
    #expect(try gitError { _ = try copy.fetch("--upload-pack=touch") }.kind == .invalid)
    // A repository that went away, and came back.
    let id = try site.head("trunk")
    #expect(try copy.fetch("trunk").id == id)
    try site.run("mv", [site.remote, "\(site.remote).away"], in: site.folder)
    #expect(try gitError { _ = try copy.fetch("trunk") }.kind == .noRepository)
    #expect(try copy.commit(id).id == id)
    try site.run("mv", ["\(site.remote).away", site.remote], in: site.folder)
    #expect(try copy.fetch("trunk").id == id)
  }

  @Test("a detached HEAD of the remote doesn't matter")
  func detached() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one"])
    let second = try site.commit(["a.txt": "two"])
    try site.git(["update-ref", "--no-deref", "HEAD", "\(first)"])
    try site.git(["symbolic-ref", "HEAD", "refs/heads/nowhere"])
    #expect(try site.copy().fetch("main").id == second)
  }

  @Test("the history between two commits, and the files in which they differ")
  func history() throws {
    let site = try GitSite()
    let first = try site.commit(["a.txt": "one", "b.txt": "one"], message: "first")
    let side = try site.commit(["c.txt": "side"], to: "side", message: "side", onto: "\(first)")
    let second = try site.commit(["a.txt": "two"], message: "second")
    let merge = try #require(
      GitObjectID(
        site.git(["commit-tree", "\(second)^{tree}", "-p", "\(second)", "-p", "\(side)", "-m", "merge"])))
    try site.git(["update-ref", "refs/heads/main", "\(merge)"])
    let last = try site.commit(["b.txt": nil, "d/ü \u{65}\u{301}.txt": "new"], message: "last")
    let copy = try site.copy()
    _ = try copy.fetch("main")
    #expect(try copy.commits(from: nil, to: last).map(\.message) == ["first", "second", "merge", "last"])
    #expect(try copy.commits(from: first, to: last).map(\.message) == ["second", "merge", "last"])
    #expect(try copy.commits(from: last, to: last).isEmpty)
    #expect(try copy.changedPaths(from: first, to: last) == ["a.txt", "b.txt", "d/ü \u{65}\u{301}.txt"])
    #expect(try copy.changedPaths(from: second, to: second).isEmpty)
    #expect(try copy.changedPaths(from: nil, to: second) == ["a.txt", "b.txt"])
    let unknown = try #require(GitObjectID(String(repeating: "1", count: 40)))
    for body in [
      { _ = try copy.commits(from: unknown, to: last) }, { _ = try copy.changedPaths(from: unknown, to: last) },
      { _ = try copy.commit(unknown) }, { _ = try copy.tree(at: unknown) },
    ] {
      #expect(try gitError(body).kind == .noCommit)
    }
  }
}
