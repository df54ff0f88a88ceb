/// Working on updates without a document: nothing is integrated, so that nothing can be lost that is not understood yet.
///
/// What is read is validated, and refused with an ``UpdateError``; offsets in errors of V2 count in the V1 form where the
/// columns themselves were sound. What comes back as it was given (converted to its own format, merged with nothing) is
/// not read: whoever applies it validates it.
public enum Update {
  /// The same update in the other format. Values are spelled as Yjs spells them.
  ///
  /// O(bytes).
  public static func converted(
    _ update: [UInt8], from source: UpdateFormat, to target: UpdateFormat, limits: DocLimits = DocLimits()
  ) throws(UpdateError) -> [UInt8] {
    switch (source, target) {
    case (.v1, .v2): try update.scan { bytes throws(UpdateError) in try UpdateV2Writer.v2(bytes, limits: limits) }
    case (.v2, .v1): try update.scan { bytes throws(UpdateError) in try UpdateV2Reader.v1(bytes, limits: limits) }
    default: update
    }
  }

  /// One update that says what all of these say together. Where clocks between are missing it says so (a Skip); a
  /// document that applies it keeps waiting for them, as it would after the single updates. One update alone is returned
  /// as it is.
  ///
  /// O(n log n) in the number of structs.
  public static func merging(
    _ updates: [[UInt8]], format: UpdateFormat = .v1, limits: DocLimits = DocLimits()
  ) throws(UpdateError) -> [UInt8] {
    guard updates.count != 1 else { return updates[0] }
    var structs = UpdateStructs(limits)
    for update in updates { try structs.add(try converted(update, from: format, to: .v1, limits: limits)) }
    return try converted(structs.merged(), from: .v1, to: format, limits: limits)
  }

  /// What a replica with the given state lacks of an update: the structs beyond that state, and all deletions.
  ///
  /// O(structs).
  public static func difference(
    _ update: [UInt8], since known: StateVector, format: UpdateFormat = .v1, limits: DocLimits = DocLimits()
  ) throws(UpdateError) -> [UInt8] {
    let source = try converted(update, from: format, to: .v1, limits: limits)
    let direct = try source.scan { bytes throws(UpdateError) in
      try UpdateDifference.write(bytes, since: known, limits: limits)
    }
    let difference = if let direct { direct } else { try structs(of: source, .v1, limits).difference(since: known) }
    return try converted(difference, from: .v1, to: format, limits: limits)
  }

  /// The state of an empty document after an update: per client how far it goes from the first clock on without a gap.
  ///
  /// O(structs).
  public static func stateVector(
    of update: [UInt8], format: UpdateFormat = .v1, limits: DocLimits = DocLimits()
  ) throws(UpdateError) -> StateVector {
    try structs(of: update, format, limits).stateVector()
  }

  /// From which clock to which an update has something of each client, gaps included.
  ///
  /// O(structs).
  public static func clocks(
    of update: [UInt8], format: UpdateFormat = .v1, limits: DocLimits = DocLimits()
  ) throws(UpdateError) -> [ClientID: Range<UInt64>] {
    try structs(of: update, format, limits).clocks()
  }

  private static func structs(
    of update: [UInt8], _ format: UpdateFormat, _ limits: DocLimits
  ) throws(UpdateError) -> UpdateStructs {
    var structs = UpdateStructs(limits)
    try structs.add(try converted(update, from: format, to: .v1, limits: limits))
    return structs
  }
}

extension [UInt8] {
  /// Runs `body` with these bytes in place.
  fileprivate func scan<R>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(UpdateError) -> R
  ) throws(UpdateError) -> R {
    let result = withUnsafeBufferPointer { bytes -> Result<R, UpdateError> in
      do throws(UpdateError) {
        return .success(try body(bytes))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
