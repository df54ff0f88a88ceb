extension GitRepository {
  /// A commit that was fetched, or made here.
  public func commit(_ id: GitObjectID) throws(GitError) -> GitCommit {
    try reading { () throws(GitError) -> GitCommit in
      guard let commit = try log(["-1", "\(id)"]).first else { throw noCommit("\(id)") }
      return commit
    }
  }

  /// The commits of the line that leads to `end`, oldest first: those that `start` has not, or all.
  public func commits(from start: GitObjectID?, to end: GitObjectID) throws(GitError) -> [GitCommit] {
    try reading { () throws(GitError) -> [GitCommit] in
      let commits = try log(
        ["--first-parent", "--max-count=\(limits.maximumCommits + 1)", "\(end)"] + (start.map { ["^\($0)"] } ?? []))
      guard commits.count <= limits.maximumCommits else {
        throw GitError(.tooLarge, "there are more than \(limits.maximumCommits) commits to look at")
      }
      return commits.reversed()
    }
  }

  /// The paths of the files in which two commits differ, sorted; from nil, all files of `end`. Of a path that is no UTF-8
  /// the other characters are told.
  public func changedPaths(from start: GitObjectID?, to end: GitObjectID) throws(GitError) -> [String] {
    try reading { () throws(GitError) -> [String] in
      let arguments =
        if let start {
          ["diff-tree", "-r", "-z", "--name-only", "--no-renames", "\(start)^{commit}", "\(end)^{commit}"]
        } else {
          ["ls-tree", "-r", "-z", "--name-only", "--full-tree", "\(end)"]
        }
      let output = try local("The commits can't be compared", arguments)
      return output.bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }
  }

  /// Whether `commit` follows on `ancestor`, or is it. A commit that isn't there any more is nobody's ancestor.
  public func isAncestor(_ ancestor: GitObjectID, of commit: GitObjectID) throws(GitError) -> Bool {
    try reading { () throws(GitError) -> Bool in
      let output = try localOutput(["merge-base", "--is-ancestor", "\(ancestor)", "\(commit)"])
      switch output.exitCode {
      case 0: return true
      case 1: return false
      default:
        let error = error(output, doing: "The commits can't be compared")
        guard error.kind == .noCommit else { throw error }
        return false
      }
    }
  }

  func noCommit(_ name: String) -> GitError {
    GitError(.noCommit, "the repository has no commit \(name)")
  }

  /// The commits that `git log` with these arguments finds, as it orders them.
  func log(_ arguments: [String]) throws(GitError) -> [GitCommit] {
    let output = try local(
      "The commits can't be read",
      ["log", "-z", "--no-color", "--no-decorate", "--encoding=UTF-8", "--format=%H%n%P%n%an%n%ae%n%at%n%B"]
        + arguments + ["--"])
    return output.bytes.split(separator: 0).compactMap(GitCommit.init(logged:))
  }
}

extension GitCommit {
  /// One commit as `log` has git tell it: id, parents, name, e-mail address and date, a line each, and the message.
  fileprivate init?(logged bytes: ArraySlice<UInt8>) {
    let text = String(decoding: bytes, as: UTF8.self)
    let parts = text.split(separator: "\n", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, let id = GitObjectID(parts[0]) else { return nil }
    var message = parts[5]
    while message.last == "\n" { message.removeLast() }
    self.init(
      id: id, author: GitPerson(name: String(parts[2]), email: String(parts[3])), date: Int(parts[4]) ?? 0,
      message: String(message), parents: parts[1].split(separator: " ").compactMap { GitObjectID($0) })
  }
}
