extension JSONValue {
  /// This value with a JSON Merge Patch (RFC 7396): members of objects are set, those that are null removed; everything else
  /// takes the value's place.
  public func merged(with patch: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var members = object ?? [:]
    for (key, change) in changes {
      if change.isNull {
        members.removeValue(forKey: key)
      } else {
        members[key] = (members[key] ?? .null).merged(with: change)
      }
    }
    return .object(members)
  }
}
