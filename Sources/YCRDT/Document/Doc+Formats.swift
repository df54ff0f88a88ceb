/// Updates in either format. V2 is written by way of V1.
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
    encodeStateAsUpdate(since: known, includingPending: includingPending).converted(to: format)
  }
}

extension UpdateEvent {
  /// The change as an update of the given format.
  public func update(in format: UpdateFormat) -> [UInt8] { update.converted(to: format) }
}

extension [UInt8] {
  /// An update V1 of our own in another format.
  fileprivate func converted(to format: UpdateFormat) -> [UInt8] {
    var limits = DocLimits()
    limits.valueDepth = .max
    do throws(UpdateError) {
      return try Update.converted(self, from: .v1, to: format, limits: limits)
    } catch {
      preconditionFailure("what the engine wrote does not parse: \(error)")
    }
  }
}
