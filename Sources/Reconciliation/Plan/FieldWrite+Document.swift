import Workflow
import YCRDT

extension [FieldWrite] {
  /// Writes these fields to an entity's map, each where it is: inside a nested map only what differs in it, a plain object
  /// as a whole.
  func write(to map: YMap) throws(YError) {
    var isDone: Set<String> = []
    for write in self where isDone.insert(write.path[0]).inserted {
      let key = write.path[0]
      let writes = filter { $0.path[0] == key }
      if write.path.count == 1 {
        try map.setJSON(key, writes[writes.count - 1].value)
      } else if case .map(let nested)? = map[key] {
        try writes.map { FieldWrite(path: Array<String>($0.path.dropFirst()), value: $0.value) }.write(to: nested)
      } else {
        var object = map[key].flatMap(JSONValue.init) ?? .object([:])
        for write in writes { object.set(write.value, at: write.path.dropFirst()) }
        try map.set(key, object.yValue)
      }
    }
  }
}

extension YMap {
  /// Fields whose objects documents hold as maps of their own, so that people can edit different keys at once.
  private static let sharedObjects: Set<String> = ["kafka_configuration"]

  /// Sets a key as documents have it; nil removes it.
  fileprivate func setJSON(_ key: String, _ value: JSONValue?) throws(YError) {
    if let members = value?.object, Self.sharedObjects.contains(key) {
      let map = try setMap(key)
      for (name, member) in members.sorted(by: { $0.key < $1.key }) { try map.set(name, member.yValue) }
    } else if let value {
      try set(key, value.yValue)
    } else {
      try removeValue(forKey: key)
    }
  }
}

extension JSONValue {
  fileprivate init?(_ element: YElement) {
    switch element {
    case .value(let value): self.init(value)
    default: return nil
    }
  }

  fileprivate mutating func set(_ value: JSONValue?, at path: ArraySlice<String>) {
    guard let key = path.first else {
      self = value ?? .null
      return
    }
    var members = object ?? [:]
    if path.count == 1 {
      members[key] = value
    } else {
      var member = members[key] ?? .object([:])
      member.set(value, at: path.dropFirst())
      members[key] = member
    }
    self = .object(members)
  }
}
