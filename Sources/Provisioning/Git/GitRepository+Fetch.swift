extension GitRepository {
  /// Packs that the copy may have before they are made one.
  private static let maximumPacks = 40

  /// Brings what the remote's branch has now, and returns its last commit. A branch that was rewritten is followed:
  /// what was its last commit is then no ancestor of the new one.
  public func fetch(_ branch: String) throws(GitError) -> GitCommit {
    let branch = try GitBranch(branch)
    return try writing { () throws(GitError) -> GitCommit in
      try folder.remember(branch)
      let bytes = folder.packBytes
      do throws(GitError) {
        try transfer(branch)
      } catch {
        guard error.kind == .tooLarge, bytes > 0 else { throw error }
        // What was fetched earlier, and is no longer part of the branch, may be what is too much.
        folder.removeLeftovers()
        try remakeCopy()
        try transfer(branch)
      }
      tidy()
      guard let commit = try log(["-1", branch.reference]).first else { throw noCommit(branch.name) }
      return commit
    }
  }

  /// Fetches a branch into the reference that is ours.
  func transfer(_ branch: GitBranch) throws(GitError) {
    let (folder, limit) = (folder, limits.maximumCopyBytes)
    let output = try remoteOutput(
      [
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules",
        "origin", "+\(branch.remoteReference):\(branch.reference)",
      ],
      watch: { folder.packBytes <= limit ? nil : GitError(.tooLarge, Self.tooLarge(limit)) })
    guard output.exitCode != 0 else {
      guard folder.packBytes <= limit else { throw GitError(.tooLarge, Self.tooLarge(limit)) }
      return
    }
    let error = error(output, doing: "The branch \(branch.name) can't be fetched")
    guard error.kind == .noBranch else { throw error }
    throw try missing(branch)
  }

  private static func tooLarge(_ limit: Int) -> String {
    "the repository has more than \(limit) bytes, which is all that a copy may have; the fetch was stopped"
  }

  /// What there is instead of a branch.
  private func missing(_ branch: GitBranch) throws(GitError) -> GitError {
    let output = try checked(
      remoteOutput(["ls-remote", "--heads", "origin"]), doing: "The branches of the repository can't be listed")
    let prefix = "refs/heads/"
    let names = output.text.split(separator: "\n").compactMap { line -> Substring? in
      let name = line.drop { $0 != "\t" }.dropFirst()
      return name.hasPrefix(prefix) ? name.dropFirst(prefix.count) : nil
    }
    guard !names.isEmpty else {
      return GitError(.empty, "the repository has no commits yet, and so no branch \(branch.name)")
    }
    let some = names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
    return GitError(.noBranch, "the repository has no branch \(branch.name); it has \(some)")
  }

  /// Makes one pack of many. That it fails harms nothing.
  private func tidy() {
    guard folder.packCount > Self.maximumPacks else { return }
    _ = try? remoteOutput(["gc", "--quiet", "--prune=2.hours.ago"], isOnline: false)
  }
}
