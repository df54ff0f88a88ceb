/// How an `Encodable` value becomes content of a document.
public struct YEncoding: Hashable, Sendable {
  /// What objects and arrays become.
  public enum Nesting: Hashable, Sendable {
    /// One plain value. Whoever writes it replaces all of it: of two concurrent writes one wins whole.
    case plain
    /// Shared maps and arrays, whose members several people can change at once. Strings under the keys in `texts`, at
    /// any depth, become shared texts; all other strings are plain values.
    case shared(texts: Set<String>)
  }

  /// What integers become that a JavaScript number cannot hold exactly.
  public enum LargeIntegers: Hashable, Sendable {
    /// They are an `EncodingError`.
    case refused
    /// They become `YValue.bigInt`, which JavaScript shows as a BigInt.
    case bigInt
  }

  /// What objects and arrays become.
  public var nesting: Nesting
  /// What integers become that a JavaScript number cannot hold exactly.
  public var largeIntegers: LargeIntegers

  /// An encoding with these choices.
  public init(nesting: Nesting, largeIntegers: LargeIntegers = .refused) {
    self.nesting = nesting
    self.largeIntegers = largeIntegers
  }

  /// Everything becomes one plain value, which is replaced as a whole.
  public static let plain = YEncoding(nesting: .plain)

  /// Objects and arrays become shared maps and arrays; strings stay plain.
  public static let shared = YEncoding(nesting: .shared(texts: []))

  /// Objects and arrays become shared maps and arrays, and strings under these keys shared texts.
  public static func shared(texts: Set<String>) -> YEncoding {
    YEncoding(nesting: .shared(texts: texts))
  }

  func isText(_ key: String?) -> Bool {
    guard case .shared(let texts) = nesting, let key else { return false }
    return texts.contains(key)
  }
}
