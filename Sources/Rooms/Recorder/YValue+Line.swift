import Workflow
import YCRDT

/// What is coded, as JSON that says bytes too: `{"bytes": "<base64>"}`. An object that looks like that by chance, or like what
/// follows, is put into `{"object": …}`.
extension JSONValue {
  init(line value: YValue) {
    switch value {
    case .binary(let bytes): self = ["bytes": .string(Base64.standard.encode(bytes))]
    case .array(let elements): self = .array(elements.map(JSONValue.init(line:)))
    case .object(let object):
      let members = Dictionary(object.map { ($0.key, JSONValue(line: $0.value)) }) { $1 }
      self = object.count == 1 && Self.marks.contains(object.keys[0]) ? ["object": .object(members)] : .object(members)
    default: self = JSONValue(value)
    }
  }

  private static let marks: Set<String> = ["bytes", "object"]

  /// The same back; nil where bytes are not base64, and for numbers that records do not have.
  var lineValue: YValue? {
    switch self {
    case .array(let elements):
      let values = elements.compactMap(\.lineValue)
      return values.count == elements.count ? .array(values) : nil
    case .object(let members):
      if members.count == 1, let text = members["bytes"] {
        return text.string.flatMap { Base64.standard.decode($0.utf8) }.map(YValue.binary)
      }
      if members.count == 1, let inner = members["object"] { return inner.object.flatMap(Self.plain) }
      return Self.plain(members)
    // Greater ones are never written, and what is counted with them could overflow.
    case .number(let number) where number.magnitude > 0x20_0000_0000_0000: return nil
    default: return yValue
    }
  }

  private static func plain(_ members: [String: JSONValue]) -> YValue? {
    var object = YObject()
    for (key, member) in members.sorted(by: { $0.key < $1.key }) {
      guard let value = member.lineValue else { return nil }
      object[key] = value
    }
    return .object(object)
  }
}
