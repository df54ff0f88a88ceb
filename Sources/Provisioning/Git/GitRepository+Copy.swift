extension GitRepository {
  /// With the copy for us alone, and whole. Where it turns out to be damaged it is made anew, and `body` runs once more.
  func writing<Value>(_ body: () throws(GitError) -> Value) throws(GitError) -> Value {
    try folder.make()
    let lock = try GitLock(folder.lock, .exclusive, timeout: limits.lockTimeout)
    defer { _ = lock }
    try prepareCopy()
    do throws(GitError) {
      return try busily(body)
    } catch {
      guard isDamage(error) else { throw error }
      try remakeCopy()
      return try busily(body)
    }
  }

  /// With the copy as it is, together with others who read. Where it turns out to be damaged it is made anew first.
  func reading<Value>(_ body: () throws(GitError) -> Value) throws(GitError) -> Value {
    do throws(GitError) {
      return try readingOnce(body)
    } catch {
      guard isDamage(error) else { throw error }
      folder.setDamaged()
      try writing { () throws(GitError) in }
      return try readingOnce(body)
    }
  }

  private func readingOnce<Value>(_ body: () throws(GitError) -> Value) throws(GitError) -> Value {
    guard folder.hasCopy else { throw GitError(.damaged, "there is no copy of the repository, or a damaged one") }
    let lock = try GitLock(folder.lock, .shared, timeout: limits.lockTimeout)
    defer { _ = lock }
    return try body()
  }

  /// Whether an error comes of a damaged copy. A commit that can't be found may have been lost with a pack: others are
  /// missing then, too.
  private func isDamage(_ error: GitError) -> Bool {
    guard folder.hasCopy else { return error.kind == .damaged }
    switch error.kind {
    case .damaged: return true
    case .noCommit:
      guard let output = try? localOutput(["rev-list", "--quiet", "--all"]) else { return false }
      return output.exitCode != 0 || !output.errors.isEmpty
    case .failed: return !isWhole
    default: return false
    }
  }

  /// Whether all that the copy has can be read.
  private var isWhole: Bool {
    // Offline, but as somebody with a remote, who may be without the objects that were too large.
    let output = try? remoteOutput(["fsck", "--no-dangling", "--no-progress", "--no-reflogs"], isOnline: false)
    return output?.exitCode == 0
  }

  /// Says that the copy is being written to, so that a process that comes after one that was killed looks at it closely.
  private func busily<Value>(_ body: () throws(GitError) -> Value) throws(GitError) -> Value {
    try folder.setBusy(true)
    do throws(GitError) {
      let value = try body()
      try folder.setBusy(false)
      return value
    } catch {
      folder.removeLeftovers()
      try? folder.setBusy(false)
      throw error
    }
  }

  /// A copy from which files were left out that would be small enough now is made anew: git takes no second look at what it has.
  private func prepareCopy() throws(GitError) {
    guard folder.hasCopy, folder.maximumFileBytes >= limits.maximumFileBytes else { return try remakeCopy() }
    if folder.maximumFileBytes > limits.maximumFileBytes { try folder.note(maximumFileBytes: limits.maximumFileBytes) }
    folder.removeLeftovers()
    guard folder.wasInterrupted else { return }
    if !isWhole { try remakeCopy() }
  }

  /// A new copy, with the branches that the old one had, as far as the remote has them.
  func remakeCopy() throws(GitError) {
    let branches = folder.branches
    folder.removeCopy()
    let output = try run(
      ["init", "--quiet", "--bare", "--template=", folder.copy], environment: GitEnvironment.local(),
      timeout: limits.commandTimeout)
    _ = try checked(output, doing: "The copy of the repository can't be made")
    try folder.note(maximumFileBytes: limits.maximumFileBytes)
    for branch in branches { try? transfer(GitBranch(branch)) }
  }
}
