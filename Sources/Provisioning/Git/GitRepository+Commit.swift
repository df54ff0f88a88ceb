import Glibc

extension GitRepository {
  /// Where what was made here is kept until it is pushed.
  private static let outgoing = "refs/heddle/outgoing"

  /// Makes a commit of `parent` (nil: the first one) with these files changed: their new bytes, or nil for a file that is
  /// to go. Where that changes nothing, it is `parent` itself. The remote hears of it by a push.
  ///
  /// `date` is in seconds since 1970; without one it is now.
  public func commit(
    files: [String: [UInt8]?], onto parent: GitObjectID?, author: GitPerson, committer: GitPerson? = nil,
    message: String, date: Int? = nil
  ) throws(GitError) -> GitObjectID {
    try writing { () throws(GitError) -> GitObjectID in
      let tree = if let parent { try entries(of: parent) } else { GitTreeEntries() }
      var stream = GitImportStream(reference: Self.outgoing)
      let date = date ?? time(nil)
      stream.begin(
        author: author.signature(date: date), committer: (committer ?? author).signature(date: date),
        message: message, parent: parent)
      for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
        let place = try tree.place(for: path)
        if let bytes {
          stream.write(bytes, to: place.path, isExecutable: place.isExecutable)
        } else {
          stream.remove(place.path)
        }
      }
      let output = try local(
        "The commit can't be made", ["fast-import", "--quiet", "--done", "--force", "--date-format=raw"],
        input: stream.end())
      guard let id = GitObjectID(output.line) else { throw GitError(.failed, "git made no commit") }
      guard let parent else { return id }
      let same = try localOutput(["diff-tree", "--quiet", "\(parent)", "\(id)"])
      return same.exitCode == 0 ? parent : id
    }
  }
}

/// What `git fast-import` reads: one commit, without a work tree and an index.
private struct GitImportStream {
  private let reference: String
  private var bytes: [UInt8] = []

  init(reference: String) {
    self.reference = reference
  }

  mutating func begin(author: String, committer: String, message: String, parent: GitObjectID?) {
    // What an earlier attempt left there does not matter.
    add("reset \(reference)\n\ncommit \(reference)\nmark :1\nauthor \(author)\ncommitter \(committer)\n")
    var text = Array(message.utf8.filter { $0 != 0 })
    if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
    add(data: text)
    if let parent { add("from \(parent)\n") }
  }

  mutating func write(_ contents: [UInt8], to path: String, isExecutable: Bool) {
    add("M \(isExecutable ? "100755" : "100644") inline \(Self.quoted(path))\n")
    add(data: contents)
  }

  mutating func remove(_ path: String) {
    add("D \(Self.quoted(path))\n")
  }

  mutating func end() -> [UInt8] {
    add("\nget-mark :1\ndone\n")
    return bytes
  }

  private mutating func add(_ text: String) {
    bytes += text.utf8
  }

  private mutating func add(data: [UInt8]) {
    add("data \(data.count)\n")
    bytes += data
    add("\n")
  }

  private static func quoted(_ path: String) -> String {
    var quoted = "\""
    for scalar in path.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\n": quoted += "\\n"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

extension GitPerson {
  /// As it stands in a commit.
  fileprivate func signature(date: Int) -> String {
    let name = Self.cleaned(name)
    return "\(name.isEmpty ? "unknown" : name) <\(Self.cleaned(email))> \(date) +0000"
  }

  /// Without what ends a name or an address in a commit.
  private static func cleaned(_ text: String) -> String {
    let scalars = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F && $0 != "<" && $0 != ">" }
    return String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
  }
}
