/// What the model breaks on purpose, to show that its checks can fail.
enum ModelFault: CaseIterable {
  /// The store accepts commits of the server whoever was faster: a reconcile of two nodes is made twice.
  case commitWithoutCompareAndSet
  /// The store accepts a save whatever the rows hold by then.
  case saveWithoutCompareAndSet
  /// A commit advances the base in a transaction of its own, before the log has the update.
  case baseBeforeUpdate
  /// A commit writes the update in a transaction of its own, before the base is advanced: it is worked out again after
  /// a crash.
  case updateBeforeBase
  /// A node answers for the store before it has stored.
  case acknowledgesTooEarly
  /// A node tells members of a commit of the server before it is made.
  case broadcastsBeforeCommit
  /// Nobody looks at the rows but when a notification comes.
  case noPoll
  /// Where no answer to a commit came, the node takes it for made.
  case takesSilenceForSuccess

  /// What the store does wrong.
  var ofStore: PlantedFault? {
    switch self {
    case .commitWithoutCompareAndSet: .noCompareAndSet
    case .saveWithoutCompareAndSet: .blindSave
    default: nil
    }
  }
}
