/// The two encodings of updates, delete sets and snapshots that Yjs 13 knows.
public enum UpdateFormat: Hashable, Sendable {
  /// The plain one, which the sync protocol speaks.
  case v1
  /// The one in columns, smaller for large documents.
  case v2
}
