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
  /// A text frame of Phoenix channels: the topic that it names, and how it joins that.
  case phoenixText = "phoenix-text"
  /// An awareness update.
  case awareness
  /// A history of several replicas: edits, deliveries, losses, duplicates, forks, reloads. The bytes are the choices.
  case history
  /// What a client sends over HTTP, cut at places that the first two bytes choose.
  case httpRequest = "http-request"
  /// The target of a request and then its headers, a line each: what they mean to the server.
  case httpHead = "http-head"
  /// A token, as far as it is read before its signature is looked at.
  case token
  /// A JSON text, and whether the two readers agree on it.
  case json
  /// A patch of a workflow, a list of operations or one to be merged as the first byte chooses, and what it makes of a document.
  case patch
  /// A project file in YAML or JSON, imported, exported in every format and imported again.
  case projectFile = "project-file"
  /// A provisioning document, imported into a project or nothing as the first byte chooses.
  case projectImport = "import"
  /// A config file or, as the first byte chooses, a state file beside a project.
  case projectPlace = "project-place"
  /// A file that a room was recorded to, and its replay.
  case record
  /// An update, or an awareness update, that is redacted for a record.
  case redaction
  /// What servers say to each other, and the address of the bus that they say it over.
  case busMessage = "bus-message"
  /// The manifest of a backup.
  case backupManifest = "backup-manifest"
  /// Rows, base and document of a workflow, with edits on both sides, and the merge. The bytes are the choices.
  case merge
  /// The same with a document of any shape that a client can give it.
  case strangeMerge = "strange-merge"
  /// A room with members who send anything and a store that answers or fails. The bytes are the choices.
  case room
  /// The same, where one of the members has the document as it was before it was made anew.
  case strangers

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
    case .phoenixText: try Self.runPhoenixText(bytes)
    case .httpRequest: try Self.runHTTPRequest(bytes)
    case .httpHead: try Self.runHTTPHead(bytes)
    case .token: try Self.runToken(bytes)
    case .json: try Self.runJSON(bytes)
    case .patch: try Self.runPatch(bytes)
    case .projectFile: try Self.runProjectFile(bytes)
    case .projectImport: try Self.runImport(bytes)
    case .projectPlace: try Self.runProjectPlace(bytes)
    case .record: try Self.runRecord(bytes)
    case .redaction: try Self.runRedaction(bytes)
    case .busMessage: try Self.runBusMessage(bytes)
    case .backupManifest: try Self.runBackupManifest(bytes)
    case .merge: try Self.runMerge(bytes)
    case .strangeMerge: try Self.runStrangeMerge(bytes)
    case .room: try Self.runRoom(bytes)
    case .strangers: try Self.runStrangers(bytes)
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
