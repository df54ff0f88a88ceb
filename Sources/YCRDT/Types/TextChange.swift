/// One replacement in a text: the UTF-16 range it replaces and what stands there instead.
public struct TextChange: Hashable, Sendable {
  /// The replaced range, in offsets of the text before all changes.
  public var range: Range<Int>
  /// The new text.
  public var replacement: String

  /// Replaces `range` by `replacement`.
  public init(range: Range<Int>, replacement: String) {
    self.range = range
    self.replacement = replacement
  }
}
