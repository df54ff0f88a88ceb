extension GitRepository {
  /// With the copy for us alone, and whole. Where it turns out to be damaged it is made anew, and `body` runs once more.
  func writing<Value>(_ body: () throws(GitError) -> Value) throws(GitError) -> Value {
    try folder.make()
    let lock = try GitLock(folder.lock, .exclusive, timeout: limits.lockTimeout)
    defer { _ = lock }
    try prepareCopy()
    do throws(GitError) {
      return try busily(body)
    } catch  where error.kind == .damaged {
      try remakeCopy()
      return try busily(body)
    }
  }

  /// With the copy as it is, together with others who read. Where it turns out to be damaged it is made anew first.
  func reading<Value>(_ body: () throws(GitError) -> Value) throws(GitError) -> Value {
    do throws(GitError) {
      return try readingOnce(body)
    } catch  where error.kind == .damaged {
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

  private func prepareCopy() throws(GitError) {
    guard folder.hasCopy else { return try remakeCopy() }
    folder.removeLeftovers()
    guard folder.wasInterrupted else { return }
    let check = try localOutput(
      ["fsck", "--no-dangling", "--no-progress", "--no-reflogs"], timeout: limits.transferTimeout)
    if check.exitCode != 0 { try remakeCopy() }
  }

  /// A new copy, with the branches that the old one had, as far as the remote has them.
  func remakeCopy() throws(GitError) {
    let branches = folder.branches
    folder.removeCopy()
    let output = try processes.run(
      GitCommand(
        arguments: ["init", "--quiet", "--bare", "--template=", folder.copy], environment: GitEnvironment.local(),
        timeout: limits.commandTimeout, grace: limits.terminationGrace, maximumOutputBytes: Self.maximumTextBytes))
    _ = try checked(output, doing: "The copy of the repository can't be made")
    for branch in branches { try? transfer(GitBranch(branch)) }
  }
}
