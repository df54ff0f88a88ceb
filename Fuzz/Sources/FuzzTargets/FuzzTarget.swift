/// What can be fed with arbitrary bytes. Each target either returns, whatever the bytes are, or has found a fault.
///
/// libFuzzer drives them (`make fuzz TARGET=…`), and the tests run the kept corpora through them.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// An update V1, applied to an empty document and to one with content.
  case updateV1 = "update-v1"
  /// An update V2, likewise, and its conversion.
  case updateV2 = "update-v2"
  /// Two updates that are merged, cut and converted without a document.
  case updates
  /// A snapshot V1 or V2, and the document at it.
  case snapshot
  /// A relative position, and where it is.
  case relativePosition = "relative-position"
  /// A state vector, and a diff made for it.
  case stateVector = "state-vector"
  /// A delete set V1, and the algebra of sets.
  case deleteSet = "delete-set"
  /// An `Any` value as in updates.
  case anyValue = "any-value"
  /// JSON text as in embeds and formats.
  case jsonText = "json-text"
  /// A message of the sync protocol, applied to a document if it carries an update.
  case message
  /// A frame of the Hocuspocus protocol, and the message in it.
  case hocuspocus
  /// A binary push over Phoenix channels, and the message in it.
  case phoenix
  /// An awareness update.
  case awareness
  /// A history of several replicas: edits, deliveries, losses, duplicates, forks, reloads. The bytes are the choices.
  case history

  /// Feeds the target. Throws what it found wrong; broken invariants stop the program.
  public func run(_ bytes: [UInt8]) throws(Finding) {
    switch self {
    case .updateV1: try Self.runUpdate(bytes)
    case .updateV2: try Self.runUpdateV2(bytes)
    case .updates: try Self.runUpdates(bytes)
    case .snapshot: try Self.runSnapshot(bytes)
    case .relativePosition: try Self.runRelativePosition(bytes)
    case .stateVector: try Self.runStateVector(bytes)
    case .deleteSet: try Self.runDeleteSet(bytes)
    case .anyValue: try Self.runAnyValue(bytes)
    case .jsonText: try Self.runJSONText(bytes)
    case .message: try Self.runMessage(bytes)
    case .hocuspocus: try Self.runHocuspocus(bytes)
    case .phoenix: try Self.runPhoenix(bytes)
    case .awareness: try Self.runAwareness(bytes)
    case .history: try Self.runHistory(bytes)
    }
  }
}

/// A property that does not hold for some input.
public struct Finding: Error, CustomStringConvertible {
  public var description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Requires a property.
func require(_ isTrue: Bool, _ what: @autoclosure () -> String) throws(Finding) {
  if !isTrue { throw Finding(what()) }
}

/// Requires that what was accepted or made before is accepted again.
func accepted<R, E: Error>(_ what: String, _ body: () throws(E) -> R) throws(Finding) -> R {
  do {
    return try body()
  } catch {
    throw Finding("\(what): \(error)")
  }
}
