/// What a document does with a local edit whose text index lies inside a surrogate pair: in the middle of an emoji, say.
///
/// Yjs tears the pair apart there, and both halves become U+FFFD on every replica.
public enum SurrogatePairs: Hashable, Sendable {
  /// The edit throws ``YError/insideSurrogatePair(index:)``.
  case refuse
  /// The index is moved: to the start of the pair, and the end of a range to the pair's end.
  case snap
  /// The pair is torn apart, as Yjs does.
  case tear
}
