public import YCRDT

/// Who or what wrote an update of a document's log, as it is noted beside the update.
public struct LogAuthor: Hashable, Sendable {
  public var provenance: Provenance
  /// The number of the record of it, where the server itself wrote.
  public var number: Int64?
  /// The lock version that holds what the update says: of an import or a save. Nil where a save is still to come.
  public var version: Int?
  /// Of a save: everything that its version holds.
  public var covered: StateVector?
  /// Whether it was written some time before it came into the document: what the rows held when it was made.
  public var isOlder = false

  public init(_ provenance: Provenance, number: Int64? = nil, version: Int? = nil) {
    self.provenance = provenance
    self.number = number
    self.version = version
  }

  /// A member that edits.
  public init(member: Actor) {
    self.init(Provenance(.member, actor: member))
  }
}

extension LogAuthor {
  /// The form in which the log has it; what is not set is left out.
  public var json: JSONValue {
    var members = provenance.compactMembers
    members["number"] = number.map { .number(Double($0)) }
    members["version"] = version.map(JSONValue.init)
    members["covered"] = covered.map { .string($0.encoded().hexadecimal) }
    members["older"] = isOlder ? true : nil
    return .object(members)
  }

  public init?(json: JSONValue) {
    guard let provenance = Provenance(compact: json) else { return nil }
    self.init(provenance, number: json["number"]?.integer.map(Int64.init), version: json["version"]?.integer)
    covered = json["covered"]?.string.flatMap([UInt8].init(hexadecimal:)).flatMap { try? StateVector(decoding: $0) }
    isOlder = json["older"]?.bool ?? false
  }
}

extension Provenance {
  /// What is set of it, for places where space counts.
  var compactMembers: [String: JSONValue] {
    var members: [String: JSONValue] = ["source": .string(source.rawValue), "type": .string(actor.type)]
    members["id"] = actor.id.map(JSONValue.string)
    members["name"] = actor.name.map(JSONValue.string)
    members["commit"] = commit.map(JSONValue.string)
    return members
  }

  init?(compact json: JSONValue) {
    guard let source = json["source"]?.string.flatMap(Source.init), let type = json["type"]?.string else { return nil }
    self.init(
      source, actor: Actor(type: type, id: json["id"]?.string, name: json["name"]?.string),
      commit: json["commit"]?.string)
  }
}

extension [UInt8] {
  fileprivate var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  fileprivate init?(hexadecimal text: String) {
    let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count % 2 == 0, !digits.contains(nil) else { return nil }
    self = stride(from: 0, to: digits.count, by: 2).map { UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0)) }
  }
}
