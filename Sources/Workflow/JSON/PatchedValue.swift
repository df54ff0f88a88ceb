/// A JSON value while operations of a patch change it.
struct PatchedValue {
  private(set) var value: JSONValue
  /// What may still be copied and moved, about in bytes. Without it a value could double with every operation.
  private var budget: Int

  init(_ value: JSONValue, budget: Int) {
    self.value = value
    self.budget = budget
  }

  mutating func carryOut(_ operation: JSONPatch.Operation) throws(PatchError) {
    switch operation {
    case .add(let place, let new): try add(new, at: place)
    case .remove(let place): _ = try remove(at: place)
    case .replace(let place, let new):
      guard value[place] != nil else { throw Self.missing(place) }
      try checkDepth(of: new, at: place)
      try change(place.tokens[...], place) { (slot) throws(PatchError) in slot = new }
    case .move(let source, let place): try move(from: source, to: place)
    case .copy(let source, let place): try add(try taken(from: source), at: place)
    case .test(let place, let expected): try test(place, expected)
    }
  }

  private mutating func move(from source: JSONPointer, to place: JSONPointer) throws(PatchError) {
    guard !place.isInside(source) else {
      throw PatchError(.invalid, at: "\(place)", "nothing can be moved into itself, and this is in \(source)")
    }
    let moved = try taken(from: source)
    guard source != place else { return }
    _ = try remove(at: source)
    try add(moved, at: place)
  }

  private func test(_ place: JSONPointer, _ expected: JSONValue) throws(PatchError) {
    guard let found = value[place] else {
      throw PatchError(.testFailed, at: "\(place)", "expected was \(expected.excerpt), and there is nothing")
    }
    guard found == expected else {
      throw PatchError(.testFailed, at: "\(place)", "expected was \(expected.excerpt), and there is \(found.excerpt)")
    }
  }

  /// A value that will be somewhere else, too.
  private mutating func taken(from place: JSONPointer) throws(PatchError) -> JSONValue {
    guard let found = value[place] else { throw Self.missing(place) }
    budget -= found.weight
    guard budget >= 0 else {
      throw PatchError(.tooLarge, at: "\(place)", "the patch copies and moves more than it may have bytes")
    }
    return found
  }

  // MARK: Places

  private mutating func add(_ new: JSONValue, at place: JSONPointer) throws(PatchError) {
    try checkDepth(of: new, at: place)
    guard let token = place.tokens.last else { return value = new }
    try change(place.tokens.dropLast(), place) { (container) throws(PatchError) in
      switch container {
      case .object(var members):
        container = .null
        members[token] = new
        container = .object(members)
      case .array(var elements):
        container = .null
        guard let index = token == "-" ? elements.count : JSONPointer.index(token), index <= elements.count else {
          throw Self.noIndex(token, in: elements.count, place)
        }
        elements.insert(new, at: index)
        container = .array(elements)
      default: throw Self.missing(place)
      }
    }
  }

  private mutating func remove(at place: JSONPointer) throws(PatchError) -> JSONValue {
    guard let removed = value[place] else { throw Self.missing(place) }
    guard let token = place.tokens.last else {
      value = .null
      return removed
    }
    try change(place.tokens.dropLast(), place) { (container) throws(PatchError) in
      switch container {
      case .object(var members):
        container = .null
        members[token] = nil
        container = .object(members)
      case .array(var elements):
        container = .null
        if let index = JSONPointer.index(token), index < elements.count { elements.remove(at: index) }
        container = .array(elements)
      default: break
      }
    }
    return removed
  }

  /// Changes the value that the tokens lead to, in place.
  private mutating func change(
    _ tokens: ArraySlice<String>, _ place: JSONPointer, _ body: (inout JSONValue) throws(PatchError) -> Void
  ) throws(PatchError) {
    try Self.change(&value, tokens, place, body)
  }

  private static func change(
    _ value: inout JSONValue, _ tokens: ArraySlice<String>, _ place: JSONPointer,
    _ body: (inout JSONValue) throws(PatchError) -> Void
  ) throws(PatchError) {
    guard let token = tokens.first else { return try body(&value) }
    let rest = tokens.dropFirst()
    switch value {
    case .object(var members):
      guard let index = members.index(forKey: token) else { throw missing(place) }
      // So that there is one owner, and nothing is copied.
      value = .null
      try change(&members.values[index], rest, place, body)
      value = .object(members)
    case .array(var elements):
      guard let index = JSONPointer.index(token), index < elements.count else {
        throw noIndex(token, in: elements.count, place)
      }
      value = .null
      try change(&elements[index], rest, place, body)
      value = .array(elements)
    default: throw missing(place)
    }
  }

  // MARK: Errors

  /// Deep values are a danger to whatever goes through them.
  private func checkDepth(of new: JSONValue, at place: JSONPointer) throws(PatchError) {
    guard new.isShallower(than: JSONValue.maximumDepth - place.tokens.count) else {
      throw PatchError(.tooLarge, at: "\(place)", "nested deeper than \(JSONValue.maximumDepth) levels")
    }
  }

  private static func missing(_ place: JSONPointer) -> PatchError {
    PatchError(.invalid, at: "\(place)", "there is nothing at this place")
  }

  private static func noIndex(_ token: String, in count: Int, _ place: JSONPointer) -> PatchError {
    PatchError(.invalid, at: "\(place)", "'\(token)' is no place of a list with \(count) elements")
  }
}

extension JSONValue {
  /// What a value takes, about in bytes of text.
  fileprivate var weight: Int {
    switch self {
    case .null, .bool: 4
    case .number: 8
    case .string(let text): text.utf8.count + 2
    case .array(let elements): elements.reduce(2) { $0 + $1.weight }
    case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + 2 + $1.value.weight }
    }
  }

  /// Whether lists and objects are nested in it less deep than that.
  fileprivate func isShallower(than depth: Int) -> Bool {
    switch self {
    case .null, .bool, .number, .string: true
    case .array(let elements): depth > 0 && elements.allSatisfy { $0.isShallower(than: depth - 1) }
    case .object(let members): depth > 0 && members.values.allSatisfy { $0.isShallower(than: depth - 1) }
    }
  }

  /// The beginning of its text.
  fileprivate var excerpt: String {
    let text: String =
      switch self {
      case .array(let elements): "a list of \(elements.count)"
      case .object(let members): "an object with \(members.count) members"
      default: self.text
      }
    return text.unicodeScalars.count <= 80 ? text : String(text.unicodeScalars.prefix(80)) + "…"
  }
}
