extension Doc {
  /// The present moment, to come back to by ``restored(at:collectsGarbage:)``. What is pending has not arrived.
  public func snapshot() -> Snapshot {
    Snapshot(stateVector: stateVector, deleteSet: deleteSet)
  }

  /// A new document with the content of a moment of the past. It has the history up to then, and writes under a new
  /// client id.
  ///
  /// It needs what the snapshot shows to be still there: documents that are to show their past are made with
  /// `collectsGarbage: false`. O(size of the document).
  public func restored(at snapshot: Snapshot, collectsGarbage: Bool = true) throws(SnapshotError) -> Doc {
    // Runs are cut in a copy, since cutting can tear surrogate pairs apart.
    let copy = fork(clientID: clientID)
    let update = try copy.store.encodedState(at: snapshot)
    let result = Doc(collectsGarbage: collectsGarbage, limits: .unlimited)
    do throws(UpdateError) {
      try result.apply(update)
    } catch {
      preconditionFailure("a document wrote what cannot be read: \(error)")
    }
    result.limits = limits
    result.surrogatePairs = surrogatePairs
    return result
  }

  /// The same type in this document as one of another replica, copy or restored document; nil if it is not here.
  public func counterpart<T: SharedType>(of type: T) -> T? {
    (type as? any TypeHandle).flatMap { sameType(as: $0) } as? T
  }

  private func sameType<T: TypeHandle>(as handle: T) -> T? {
    let other = handle.doc.store.types[handle.type]
    guard !other.isCollected else { return nil }
    guard let type = store.findType(handle.doc.store.positionParent(handle.type), false) else { return nil }
    if store.types[type].kind == .untyped { store.types[type].kind = other.kind }
    return T(doc: self, type: type)
  }
}

extension DocLimits {
  fileprivate static var unlimited: DocLimits {
    var limits = DocLimits()
    limits.updateBytes = .max
    limits.contentBytes = .max
    limits.pendingBytes = .max
    limits.valueDepth = .max
    limits.structsPerUpdate = .max
    limits.clients = .max
    limits.types = .max
    limits.keys = .max
    return limits
  }
}
