/// What a simulation breaks on purpose, to show that it would notice.
enum PlantedFault: CaseIterable {
  /// The store accepts commits of the server whoever was faster.
  case noCompareAndSet
  /// The store accepts a save whatever the rows hold by then.
  case blindSave
  /// The store forgets an update now and then.
  case forgetsAppends
  /// A checkpoint takes the place of an entry of the log that came after it.
  case compactsTooMuch
  /// A node answers for the store before it has stored.
  case acknowledgesTooEarly
  /// A node tells members of a commit of the server before it is made.
  case broadcastsBeforeCommit
  /// A node does not notice that a member has caught up, and sends on as if it had missed nothing.
  case forgetsWhoLagged
}
