/// Updates in either format.
extension Doc {
  /// Applies an update of the given format, as `apply(_:origin:)` does one of V1.
  @discardableResult
  public func apply(
    _ update: [UInt8], format: UpdateFormat, origin: Origin? = nil
  ) throws(UpdateError) -> UpdateEvent? {
    try apply(update, format, origin)
  }

  /// Everything a replica with the given state lacks, in the given format; see
  /// ``encodeStateAsUpdate(since:includingPending:)``.
  public func encodeStateAsUpdate(
    since known: StateVector = StateVector(), format: UpdateFormat, includingPending: Bool = false
  ) -> [UInt8] {
    if format == .v2 && !(includingPending && hasPending) { return store.encodedStateV2(since: known) }
    return encodeStateAsUpdate(since: known, includingPending: includingPending).converted(from: .v1, to: format)
  }
}

extension [UInt8] {
  /// An update that we wrote or accepted, in another format. Its size was bounded then; what it takes in the other format
  /// is what it takes.
  func converted(from source: UpdateFormat, to target: UpdateFormat) -> [UInt8] {
    guard source != target else { return self }
    var limits = DocLimits()
    limits.valueDepth = .max
    limits.updateBytes = .max
    limits.structsPerByte = 1 << 24
    do throws(UpdateError) {
      return try Update.converted(self, from: source, to: target, limits: limits)
    } catch {
      preconditionFailure("what the engine wrote or accepted does not parse: \(error)")
    }
  }
}
