// Letting go of what the policy does not keep.
extension Store {
  /// A way through everything that the policy is about, which begins.
  public var retentionPass: RetentionPass { RetentionPass(configuration.retention) }

  /// What waits to be let go of. Writes nothing.
  public func countRetentionDue(_ completion: @escaping Completion<RetentionCount>) {
    let policy = configuration.retention
    read(completion) { try RetentionPass.due(policy, $0) }
  }

  /// Lets go of a batch; returns what that was, and the pass as it goes on.
  public func takeStep(
    of pass: RetentionPass, _ completion: @escaping Completion<(dropped: RetentionCount, pass: RetentionPass)>
  ) {
    read(completion) { connection in
      var pass = pass
      let dropped = try pass.step(connection)
      return (dropped, pass)
    }
  }
}
