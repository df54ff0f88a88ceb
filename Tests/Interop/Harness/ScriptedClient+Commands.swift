import Foundation
import TestSupport
import Workflow

/// A place in the document: the name of a root, then keys, indexes, or `["id": …]` for the element with that id.
typealias Path = JSONValue

/// Something that a client waits for.
struct Condition {
  var json: [String: JSONValue]

  static func synced(_ value: Bool = true) -> Condition { Condition(json: ["synced": .bool(value)]) }
  static func connected(_ value: Bool) -> Condition { Condition(json: ["connected": .bool(value)]) }
  static func value(at path: Path, is value: JSONValue) -> Condition {
    Condition(json: ["path": path, "equals": value])
  }
  static func text(at path: Path, contains part: String) -> Condition {
    Condition(json: ["path": path, "contains": .string(part)])
  }
  /// Elements of an array, UTF-16 units of a text.
  static func length(at path: Path, is length: Int) -> Condition {
    Condition(json: ["path": path, "length": JSONValue(length)])
  }
  static func nothing(at path: Path) -> Condition { Condition(json: ["path": path, "absent": true]) }
  /// Everything that a state vector names has arrived.
  static func covers(_ stateVector: JSONValue) -> Condition { Condition(json: ["covers": stateVector]) }
  /// The awareness state of a client; null for none.
  static func client(_ client: UInt64, shows state: JSONValue) -> Condition {
    Condition(json: ["client": .number(Double(client)), "state": state])
  }
  /// So many clients are present, this one included.
  static func clients(_ count: Int) -> Condition { Condition(json: ["clients": JSONValue(count)]) }
  static func closes(_ count: Int) -> Condition { Condition(json: ["closes": JSONValue(count)]) }
  static func denied(_ count: Int) -> Condition { Condition(json: ["denied": JSONValue(count)]) }
  /// So much of what the client edited has not come back to it.
  static func unconfirmed(_ count: Int) -> Condition { Condition(json: ["unconfirmed": JSONValue(count)]) }
}

/// An edit of a document.
struct Edit {
  var json: JSONValue

  static func set(_ path: Path, _ key: String, _ value: JSONValue) -> Edit {
    Edit(json: ["path": path, "set": .string(key), "value": value])
  }
  static func unset(_ path: Path, _ key: String) -> Edit { Edit(json: ["path": path, "unset": .string(key)]) }
  /// Inserts into a text, at a UTF-16 index; -1 is the end.
  static func type(_ text: String, into path: Path, at index: Int) -> Edit {
    Edit(json: ["path": path, "insert": JSONValue(index), "text": .string(text)])
  }
  /// Inserts a long text without sending it to the client first.
  static func type(_ text: String, times count: Int, into path: Path, at index: Int) -> Edit {
    let value: JSONValue = ["$repeat": .string(text), "count": JSONValue(count)]
    return Edit(json: ["path": path, "insert": JSONValue(index), "text": value])
  }
  static func insert(_ values: [JSONValue], into path: Path, at index: Int) -> Edit {
    Edit(json: ["path": path, "insert": JSONValue(index), "values": .array(values)])
  }
  static func push(_ values: [JSONValue], onto path: Path) -> Edit {
    Edit(json: ["path": path, "push": .array(values)])
  }
  /// Removes elements of an array or UTF-16 units of a text.
  static func remove(_ count: Int, from path: Path, at index: Int) -> Edit {
    Edit(json: ["path": path, "remove": JSONValue(index), "count": JSONValue(count)])
  }
}

/// New shared types, where an edit takes a value.
extension JSONValue {
  static func sharedText(_ text: String) -> JSONValue { ["$text": .string(text)] }
  static func sharedMap(_ members: [String: JSONValue]) -> JSONValue { ["$map": .object(members)] }
  static func sharedArray(_ elements: [JSONValue]) -> JSONValue { ["$array": .array(elements)] }
}

extension ScriptedClient {
  /// Opens a document and, unless told otherwise, connects.
  @discardableResult
  func open(
    _ url: String, _ document: String, clientID: UInt64? = nil, connect: Bool = true, token: String? = nil,
    wantsEchoes: Bool = false
  ) async throws -> UInt64 {
    var arguments: [String: JSONValue] = ["url": .string(url), "room": .string(document), "connect": .bool(connect)]
    var parameters: [String: JSONValue] = [:]
    if let token { parameters["token"] = .string(token) }
    if wantsEchoes { parameters["echo"] = "1" }
    if !parameters.isEmpty { arguments["params"] = .object(parameters) }
    if let clientID { arguments["clientID"] = .number(Double(clientID)) }
    return UInt64(try await perform("open", arguments).integer ?? 0)
  }

  func connect() async throws { try await perform("connect") }
  func disconnect() async throws { try await perform("disconnect") }
  /// Connects anew with another token.
  func come(back token: String) async throws { try await perform("comeBack", ["token": .string(token)]) }
  /// Cuts the connection without a goodbye.
  func drop() async throws { try await perform("drop") }

  /// Makes edits in one transaction.
  /// - Returns: the state vector afterwards.
  @discardableResult
  func edit(_ edits: Edit...) async throws -> JSONValue {
    try await perform("edit", ["edits": .array(edits.map(\.json))])
  }

  func wait(_ condition: Condition, limit: Duration = .seconds(10)) async throws {
    let milliseconds = Int(limit.components.seconds) * 1000
    try await perform(
      "wait", ["for": .object(condition.json), "limit": JSONValue(milliseconds)], limit: limit + .seconds(5))
  }

  /// Waits until the server has stored everything that this client sent.
  func acknowledge(limit: Duration = .seconds(10)) async throws {
    let milliseconds = Int(limit.components.seconds) * 1000
    try await perform("acknowledge", ["limit": JSONValue(milliseconds)], limit: limit + .seconds(5))
  }

  func value(at path: Path) async throws -> JSONValue { try await perform("get", ["path": path]) }
  /// The six roots of the document.
  func content() async throws -> JSONValue { try await perform("json") }
  func stateVector() async throws -> JSONValue { try await perform("stateVector") }

  /// The whole document as an update.
  func state() async throws -> [UInt8] {
    let text = try await perform("state").string ?? ""
    return Data(base64Encoded: text).map { Array($0) } ?? []
  }

  /// Shows something to the other clients; null takes it back.
  func show(_ state: JSONValue) async throws { try await perform("awareness", ["state": state]) }
  /// What the clients show, by client id.
  func shown() async throws -> [String: JSONValue] { try await perform("states").object ?? [:] }

  /// Keeps a place in a text as editors keep their cursors.
  func placeCursor(_ name: String, in path: Path, at index: Int) async throws {
    try await perform("placeCursor", ["name": .string(name), "path": path, "index": JSONValue(index)])
  }
  /// The UTF-16 offset of a cursor in its text.
  func cursor(_ name: String, in path: Path) async throws -> Int? {
    try await perform("cursor", ["name": .string(name), "path": path]).integer
  }

  /// Has an undo manager capture what this client does to the types.
  func trackUndo(of paths: Path...) async throws { try await perform("trackUndo", ["paths": .array(paths)]) }
  /// How many steps can be undone, and redone.
  func undoDepth() async throws -> [Int] { (try await perform("undoDepth").array ?? []).compactMap(\.integer) }
  func undo() async throws { try await perform("undo") }
  func redo() async throws { try await perform("redo") }

  /// What it has seen of the connection: closes, refusals, frames by type.
  func summary() async throws -> JSONValue { try await perform("summary") }

  /// Sends a frame as it is.
  func send(_ frame: [UInt8]) async throws {
    try await perform("send", ["bytes": .string(Data(frame).base64EncodedString())])
  }
}
