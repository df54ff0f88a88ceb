/// What a document accepts at most. An update or a local edit beyond a limit is rejected whole, with an error that
/// names the limit: its property here.
///
/// There is no limit to the nesting of shared types: nothing but `json` and the text of XML goes down into them, to
/// `jsonDepth`.
public struct DocLimits: Hashable, Sendable {
  /// Bytes of one update. Default 256 MiB; it can never exceed 2 GiB.
  public var updateBytes = 256 << 20
  /// Structs and deleted ranges of one update. A struct takes two bytes on the wire and many more in memory. Default
  /// 8 Mi, some 700 MB.
  public var structsPerUpdate = 8 << 20
  /// Clients a document knows, by their work or by what waits for it. Default 1 Mi.
  public var clients = 1 << 20
  /// Shared types a document ever held, roots included. Default 4 Mi.
  public var types = 4 << 20
  /// Different names of roots, map keys and names of XML elements a document ever held. Default 4 Mi.
  public var keys = 4 << 20
  /// Nesting of one `Any` or JSON value. Default 512.
  public var valueDepth = 512
  /// Bytes of updates that are kept until what they depend on arrives, with their bookkeeping. Default 64 MiB. What
  /// waits is not held against `clients`, `types` and `keys` again when its time comes.
  public var pendingBytes = 64 << 20
  /// Bytes of content a document holds, deleted content included until it is collected. Default and maximum 1 GiB.
  public var contentBytes = 1 << 30
  /// Shared types nested deeper than this appear as null in `json`. Default 256.
  public var jsonDepth = 256

  /// How much one byte of an update V2 may stand for, on average: structs, and bytes of the same update as V1. Its columns
  /// can repeat themselves without end. Default 64.
  public var structsPerByte = 64
  /// So many structs an update V2 may have however short it is: an array of empty maps takes a few dozen bytes however
  /// many they are. Default 100,000, some 8 MB. An update with more of the kind goes as V1.
  public var structsOfShortUpdate = 100_000

  /// Whether updates are taken in which an item stands behind a unit and before the same one, or before one in front of it.
  /// No replica writes such a thing, and where the item is shown may change with a reload; Yjs takes it. Default true.
  public var acceptsCrossedOrigins = true

  /// The defaults.
  public init() {}
}

extension DocLimits {
  /// How many structs an update V2 of so many bytes may have.
  func structs(inBytes count: Int) -> Int { structsOfShortUpdate + count * structsPerByte }
  /// How many bytes an update V2 of so many bytes may have as V1.
  func bytesAsV1(ofBytes count: Int) -> Int { min(updateBytes, structsOfShortUpdate * 32 + count * structsPerByte) }
}
