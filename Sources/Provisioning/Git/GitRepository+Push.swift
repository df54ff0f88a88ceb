extension GitRepository {
  /// Makes a commit the remote branch's last one, if the branch is still where the last fetch saw it.
  ///
  /// Throws `.rejected` where it has moved on: fetch, merge, commit and push again. It is never forced.
  public func push(_ commit: GitObjectID, to branch: String) throws(GitError) {
    let branch = try GitBranch(branch)
    try writing { () throws(GitError) -> Void in
      let seen = try tip(of: branch)
      if let seen { try checkFollows(commit, on: seen, branch) }
      let output = try remoteOutput([
        "push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no",
        // Not a force: the remote compares what it has with what we saw, and the commit follows on that.
        "--force-with-lease=\(branch.remoteReference):\(seen?.description ?? "")",
        "origin", "\(commit):\(branch.remoteReference)",
      ])
      guard output.exitCode == 0 else { throw pushError(output, branch) }
      _ = try local("The branch can't be noted", ["update-ref", branch.reference, "\(commit)"])
    }
  }

  /// The last commit that was fetched, or pushed, of a branch.
  private func tip(of branch: GitBranch) throws(GitError) -> GitObjectID? {
    let output = try localOutput(["rev-parse", "--verify", "--quiet", "\(branch.reference)^{commit}"])
    guard output.exitCode == 0 else { return nil }
    return GitObjectID(output.line)
  }

  private func checkFollows(_ commit: GitObjectID, on seen: GitObjectID, _ branch: GitBranch) throws(GitError) {
    let output = try localOutput(["merge-base", "--is-ancestor", "\(seen)", "\(commit)"])
    guard output.exitCode != 0 else { return }
    guard output.exitCode == 1 else { throw error(output, doing: "The commit can't be pushed") }
    throw GitError(
      .rejected, "the commit \(commit.abbreviated) does not follow on \(seen.abbreviated), which \(branch.name) has")
  }

  private static let movedOn = [
    "fetch first", "non-fast-forward", "stale info", "cannot lock ref", "failed to update ref", "incorrect old value",
    "reference already exists", "needs force",
  ]

  private func pushError(_ output: GitOutput, _ branch: GitBranch) -> GitError {
    // "!", the reference and the reason, with tabs between.
    guard let line = output.text.split(separator: "\n").first(where: { $0.hasPrefix("!") }) else {
      return error(output, doing: "The branch \(branch.name) can't be pushed to")
    }
    let reason = GitError.withoutSecrets(String(line.split(separator: "\t").last ?? line))
    let said = GitError.withoutSecrets("\(reason)\n\(output.errors)")
    if Self.movedOn.contains(where: reason.contains) {
      return GitError(
        .rejected, "the branch \(branch.name) has moved on, and what it has now has to be merged first", output: said)
    }
    if ["unpacker error", "unpack"].contains(where: reason.contains) {
      let error = error(output, doing: "The branch \(branch.name) can't be pushed to")
      return error.kind == .failed ? GitError(.failed, "the remote could not store the commits", output: said) : error
    }
    return GitError(.declined, "the remote does not take the commits on \(branch.name): \(reason)", output: said)
  }
}
