/// The members of an object that a patch made, each read as the type that it has to be. Null is as good as absent.
struct PatchedFields {
  let place: JSONPointer
  private let members: [String: JSONValue]

  /// `keys` are those that mean something.
  init(_ json: JSONValue, at place: JSONPointer, keys: Set<String>) throws(PatchError) {
    guard let members = json.object else { throw PatchError(.invalid, at: "\(place)", "expected is an object") }
    if let unknown = members.keys.filter({ !keys.contains($0) }).min() {
      let place = JSONPointer(place.tokens + [unknown])
      throw PatchError(
        .invalid, at: "\(place)", "there is no such field; known are \(keys.sorted().joined(separator: ", "))")
    }
    self.place = place
    self.members = members
  }

  func has(_ key: String) -> Bool { members[key] != nil }

  func value(_ key: String) -> JSONValue? {
    guard let value = members[key], !value.isNull else { return .none }
    return value
  }

  func text(_ key: String) throws(PatchError) -> String? {
    try read(key, "a string", \.string)
  }

  func bool(_ key: String) throws(PatchError) -> Bool? {
    try read(key, "true or false", \.bool)
  }

  func wholeNumber(_ key: String) throws(PatchError) -> Int? {
    try read(key, "a whole number") { value in
      guard case .number(let number) = value, let whole = Int32(exactly: number) else { return nil }
      return Int(whole)
    }
  }

  func object(_ key: String) throws(PatchError) -> JSONValue? {
    try read(key, "an object", \.object).map(JSONValue.object)
  }

  func number(_ key: String) -> Double? {
    if case .number(let number)? = members[key] { number } else { nil }
  }

  private func read<Value>(
    _ key: String, _ expected: String, _ convert: (JSONValue) -> Value?
  ) throws(PatchError) -> Value? {
    guard let value = value(key) else { return nil }
    guard let converted = convert(value) else {
      let place = JSONPointer(place.tokens + [key])
      throw PatchError(.invalid, at: "\(place)", "expected is \(expected), or null")
    }
    return converted
  }
}
