/// A list of operations on a JSON value (RFC 6902).
public struct JSONPatch: Hashable, Codable, Sendable {
  /// One operation.
  public enum Operation: Hashable, Codable, Sendable {
    case add(JSONPointer, JSONValue)
    case remove(JSONPointer)
    case replace(JSONPointer, JSONValue)
    case move(from: JSONPointer, to: JSONPointer)
    case copy(from: JSONPointer, to: JSONPointer)
    case test(JSONPointer, JSONValue)
  }

  public var operations: [Operation]

  public init(_ operations: [Operation]) {
    self.operations = operations
  }

  /// Reads a patch; what is wrong is named by its place in the patch.
  public init(json: JSONValue, limits: PatchLimits = PatchLimits()) throws(PatchError) {
    guard let list = json.array else {
      throw PatchError(.malformed, at: "", "a JSON Patch is an array of operations")
    }
    guard list.count <= limits.operations else {
      throw PatchError(.tooLarge, at: "", "\(list.count) operations; at most \(limits.operations) are taken")
    }
    operations = []
    for (index, operation) in list.enumerated() { operations.append(try Operation(operation, at: "/\(index)")) }
  }

  /// What becomes of a value; nothing where any operation fails. `resolve` may rewrite each operation before it is carried
  /// out, by the value so far.
  public func applied(
    to value: JSONValue, limits: PatchLimits = PatchLimits(),
    resolving resolve: (Operation, JSONValue) throws(PatchError) -> Operation = { operation, _ in operation }
  ) throws(PatchError) -> JSONValue {
    var patched = PatchedValue(value, budget: limits.bytes)
    for operation in operations { try patched.carryOut(try resolve(operation, patched.value)) }
    return patched.value
  }
}

extension JSONPatch.Operation {
  fileprivate init(_ json: JSONValue, at place: String) throws(PatchError) {
    guard json.object != nil else { throw PatchError(.malformed, at: place, "an operation is an object") }
    func pointer(_ key: String) throws(PatchError) -> JSONPointer {
      guard let text = json[key]?.string else {
        throw PatchError(.malformed, at: "\(place)/\(key)", "expected is a JSON Pointer, as in \"/jobs/0/name\"")
      }
      guard let pointer = JSONPointer(text) else {
        throw PatchError(
          .malformed, at: "\(place)/\(key)",
          "'\(text)' is no JSON Pointer: it begins with '/', and '~' stands before 0 or 1")
      }
      guard pointer.tokens.count <= JSONValue.maximumDepth else {
        throw PatchError(.tooLarge, at: "\(place)/\(key)", "deeper than \(JSONValue.maximumDepth) levels")
      }
      return pointer
    }
    func value() throws(PatchError) -> JSONValue {
      guard let value = json["value"] else { throw PatchError(.malformed, at: place, "'value' is missing") }
      return value
    }
    switch json["op"]?.string {
    case "add": self = .add(try pointer("path"), try value())
    case "remove": self = .remove(try pointer("path"))
    case "replace": self = .replace(try pointer("path"), try value())
    case "move": self = .move(from: try pointer("from"), to: try pointer("path"))
    case "copy": self = .copy(from: try pointer("from"), to: try pointer("path"))
    case "test": self = .test(try pointer("path"), try value())
    default:
      throw PatchError(.malformed, at: "\(place)/op", "expected is add, remove, replace, move, copy or test")
    }
  }
}
