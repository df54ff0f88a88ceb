/// The name of a branch, checked as git does.
struct GitBranch: Hashable, Sendable {
  private static let maximumLength = 200

  let name: String

  init(_ name: String) throws(GitError) {
    guard Self.isName(name) else {
      throw GitError(.invalid, "\(name.prefix(Self.maximumLength).debugDescription) is no name of a branch")
    }
    self.name = name
  }

  /// The branch, where the remote has it.
  var remoteReference: String { "refs/heads/\(name)" }

  /// The branch, where our copy has what was fetched of it.
  var reference: String { "refs/heddle/branches/\(encoded)" }

  /// The name as one component of a path, so that `a` and `a/b` are beside each other.
  var encoded: String {
    name.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%25")
      .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "%2F")
  }

  static func name(encoded: String) -> String? {
    let name = encoded.split(separator: "%2F", omittingEmptySubsequences: false).joined(separator: "/")
      .split(separator: "%25", omittingEmptySubsequences: false).joined(separator: "%")
    return isName(name) ? name : nil
  }

  private static func isName(_ name: String) -> Bool {
    guard !name.isEmpty, name.utf8.count <= maximumLength, !name.hasPrefix("-"), name != "@", name != "HEAD",
      !name.hasSuffix("."), !name.contains(".."), !name.contains("@{"),
      name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && !"~^:?*[\\".utf8.contains($0) })
    else { return false }
    return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock")
    }
  }
}
