extension GitRepository {
  /// The files of a commit.
  public func tree(at commit: GitObjectID) throws(GitError) -> GitTree {
    let entries = try reading { () throws(GitError) -> GitTreeEntries in try self.entries(of: commit) }
    return GitTree(commit: commit, repository: self, entries: entries)
  }

  func entries(of commit: GitObjectID) throws(GitError) -> GitTreeEntries {
    let output = try local(
      "The files of the commit can't be listed", ["ls-tree", "-r", "-z", "--full-tree", "\(commit)"])
    let entries = GitTreeEntries(listed: output.bytes)
    guard entries.all.count <= limits.maximumTreeEntries else {
      throw GitError(
        .tooLarge,
        "the commit \(commit.abbreviated) has more than \(limits.maximumTreeEntries) files, which is the limit")
    }
    return entries
  }

  /// How many bytes these objects have, in the order in which they were asked for; without those that aren't there, since
  /// they were too large to be fetched.
  func sizes(of objects: [GitObjectID]) throws(GitError) -> [(GitObjectID, Int)] {
    try reading { () throws(GitError) -> [(GitObjectID, Int)] in
      let output = try local("The sizes of files can't be read", ["cat-file", "--batch-check"], input: lines(objects))
      guard output.errors.isEmpty else { throw error(output, doing: "Files can't be read") }
      var sizes: [(GitObjectID, Int)] = []
      for line in output.text.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.count == 3, words[1] == "blob", let id = GitObjectID(words[0]), let size = Int(words[2]) else {
          continue
        }
        sizes.append((id, size))
      }
      return sizes
    }
  }

  /// The contents of files, which together have `bytes`.
  func blobs(_ objects: [GitObjectID], bytes: Int) throws(GitError) -> [GitObjectID: [UInt8]] {
    try reading { () throws(GitError) -> [GitObjectID: [UInt8]] in
      let output = try checked(
        localOutput(["cat-file", "--batch"], input: lines(objects), maximumOutputBytes: bytes + 100 * objects.count),
        doing: "Files can't be read")
      var blobs: [GitObjectID: [UInt8]] = [:]
      var rest = output.bytes[...]
      // A line with id, type and size, the contents, and a line end.
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let words = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
        guard words.count == 3, let id = GitObjectID(words[0]), let size = Int(words[2]), rest.endIndex - end > size + 1
        else { throw GitError(.damaged, "a file of the repository can't be read", output: output.errors) }
        blobs[id] = Array(rest[(end + 1)...].prefix(size))
        rest = rest[(end + 1 + size)...].dropFirst()
      }
      return blobs
    }
  }

  private func lines(_ objects: [GitObjectID]) -> [UInt8] {
    objects.flatMap { "\($0)\n".utf8 }
  }
}
