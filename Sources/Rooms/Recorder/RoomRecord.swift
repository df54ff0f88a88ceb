public import Workflow

/// What a room did in its last minutes: what came in, what it made of that, and the state that it began with.
public struct RoomRecord: Sendable {
  /// Whose record it is, and how it was made.
  public var header: Header
  /// The state before the first step; nil where the document was too large to be kept.
  public var keyframe: RoomKeyframe?
  /// What happened, in order.
  public var steps: [RecordedStep]
  /// What the room held after some steps, ascending, and at the end.
  public var marks: [RecordMark]

  /// What is known of a record beside its steps.
  public struct Header: Codable, Sendable {
    /// What files of records begin with.
    public static let format = "heddle-record"
    public static let version = 1

    public var format = Self.format
    public var version = Self.version
    public var document: DocumentName
    public var configuration: RecordedConfiguration
    /// When the record was taken out, in ISO 8601, and what the room's clock showed then.
    public var exportedAt: String
    public var clock: Milliseconds
    /// Whether texts and values were replaced.
    public var isRedacted = false
    /// What ended the room, if that was a fault.
    public var fault: String?
    /// Why there are no steps, if there are none.
    public var lacks: String?
    /// Where a replay of the record, before it was redacted, came to something else; nil if it did not.
    public var difference: String?
  }
}

/// One event of a room, and what came of it.
public struct RecordedStep: Codable, Sendable {
  /// Counts the events of the room from 1 on.
  public var number: Int
  /// By the room's clock.
  public var at: Milliseconds
  public var event: Room.Event
  public var effects: [RecordedEffect]
  /// Tells the room's state afterwards from others, as far as that costs nothing.
  public var digest: UInt32
}

/// What a room held after a step.
public struct RecordMark: Hashable, Codable, Sendable {
  /// The document and what it last agreed on with the rows.
  public struct Contents: Hashable, Codable, Sendable {
    public var bytes: Int
    public var document: String
    public var base: String
  }

  /// The number of the step.
  public var after: Int
  public var contents: Contents
}
