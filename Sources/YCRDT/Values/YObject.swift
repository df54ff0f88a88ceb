/// The members of a JSON-like object, in the order in which they were written.
///
/// Equality ignores the order. Looking up a key is O(1) on average.
public struct YObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// The keys in order.
  public private(set) var keys: [String] = []
  private var values: [ExactString: YValue] = [:]

  /// An object without members.
  public init() {}

  /// The given members; of equal keys the last wins.
  public init(_ members: some Sequence<(String, YValue)>) {
    for (key, value) in members { self[key] = value }
  }

  public init(dictionaryLiteral elements: (String, YValue)...) {
    self.init(elements)
  }

  /// Number of members.
  public var count: Int { keys.count }
  /// Whether there are no members.
  public var isEmpty: Bool { keys.isEmpty }

  /// The member of this name; setting nil removes it, which takes linear time.
  public subscript(key: String) -> YValue? {
    get { values[ExactString(key)] }
    set {
      guard let newValue else {
        if values.removeValue(forKey: ExactString(key)) != nil {
          keys.removeAll { ExactString($0) == ExactString(key) }
        }
        return
      }
      if values.updateValue(newValue, forKey: ExactString(key)) == nil { keys.append(key) }
    }
  }

  public static func == (a: YObject, b: YObject) -> Bool {
    a.values == b.values
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(values)
  }
}

extension YObject: Sequence {
  /// The members in order.
  public func makeIterator() -> AnyIterator<(key: String, value: YValue)> {
    var rest = keys[...]
    return AnyIterator {
      guard let key = rest.popFirst(), let value = values[ExactString(key)] else { return nil }
      return (key, value)
    }
  }
}

/// A string compared by its code units, as keys of documents are: Swift would take composed and decomposed letters
/// for equal.
struct ExactString: Hashable, Sendable {
  var string: String

  init(_ string: String) {
    self.string = string
  }

  static func == (a: ExactString, b: ExactString) -> Bool {
    a.string.utf8.elementsEqual(b.string.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var string = string
    string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
