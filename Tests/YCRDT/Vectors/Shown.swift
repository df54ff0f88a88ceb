import Foundation
import TestSupport
import YCRDT

// Both sides of a comparison are turned into one text: JSON with sorted keys, tags for what JSON lacks, and numbers as
// JavaScript knows them, whichever class they were written in.

extension VectorJSON {
  var shown: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): shownNumber(value)
    case .string(let value): shownString(value)
    case .array(let elements): "[\(elements.map(\.shown).joined(separator: ","))]"
    case .object(let members): shownTag ?? shownObject(members.map { ($0.key, $0.value.shown) })
    }
  }

  private var shownTag: String? {
    switch self["$"]?.string {
    case "undef": "undefined"
    case "big": "big \(self["v"]?.string ?? "")"
    case "num": self["v"]?.string
    case "bin": "binary \(self["v"]?.string ?? "")"
    case "doc": "document \(self["guid"]?.string ?? "")"
    case "obj": shownObject((self["v"]?.array ?? []).map { ($0.array[0].string ?? "", $0.array[1].shown) })
    default: nil
    }
  }
}

extension YValue {
  var shown: String {
    switch self {
    case .undefined: "undefined"
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): shownNumber(Double(value))
    case .float(let value): shownNumber(value)
    case .bigInt(let value): "big \(value)"
    case .string(let value): shownString(value)
    case .binary(let bytes): "binary \(Data(bytes).base64EncodedString())"
    case .array(let elements): "[\(elements.map(\.shown).joined(separator: ","))]"
    case .object(let object): shownObject(object.map { ($0.key, $0.value.shown) })
    }
  }
}

extension YElement {
  var shown: String {
    switch self {
    case .value(let value): value.shown
    case .map(let map): shownObject(map.keys.map { ($0, map[$0]?.shown ?? "undefined") })
    case .array(let array): "[\(array.elements.map(\.shown).joined(separator: ","))]"
    case .text(let text): shownString(text.string)
    case .xmlFragment(let fragment): shownString(fragment.string)
    case .xmlElement(let element): shownString(element.string)
    case .xmlText(let text): shownString(text.string)
    case .xmlHook(let hook): YElement.map(hook.map).shown
    case .subdocument(let guid, _): "document \(guid)"
    }
  }
}

extension Doc {
  /// The root as an element, nil for a kind that documents do not offer as a root.
  func rootElement(_ name: String, kind: String) -> YElement? {
    switch kind {
    case "map": .map(map(name))
    case "array": .array(array(name))
    case "text": .text(text(name))
    case "xmlfragment": .xmlFragment(xmlFragment(name))
    case "xmlelement": .xmlElement(xmlElement(name))
    default: nil
    }
  }

  func shownRoot(_ name: String, kind: String) -> String {
    rootElement(name, kind: kind)?.shown ?? "unknown kind \(kind)"
  }

  /// Every text under the roots with its path and its shown delta.
  func deltas(roots: VectorJSON) -> [(String, String)] {
    roots.members.flatMap { root in
      rootElement(root.key, kind: root.value.string ?? "").map { $0.deltas(path: root.key) } ?? []
    }
  }
}

extension YElement {
  fileprivate func deltas(path: String) -> [(String, String)] {
    switch self {
    case .map(let map):
      map.keys.flatMap { key in map[key]?.deltas(path: "\(path)/\(key)") ?? [] }
    case .array(let array):
      array.elements.enumerated().flatMap { $1.deltas(path: "\(path)/\($0)") }
    case .text(let text):
      text.deltas(path: path)
    case .xmlText(let text):
      text.text.deltas(path: path)
    case .xmlFragment(let fragment):
      fragment.children.enumerated().flatMap { $1.deltas(path: "\(path)/\($0)") }
    case .xmlElement(let element):
      element.children.enumerated().flatMap { $1.deltas(path: "\(path)/\($0)") }
    case .value, .subdocument, .xmlHook:
      []
    }
  }
}

extension YText {
  /// Attributes of the text as a whole stand under the path with `@` behind it.
  fileprivate func deltas(path: String) -> [(String, String)] {
    let delta = (path, "[\(delta.map(\.shown).joined(separator: ","))]")
    return attributes.keys.isEmpty ? [delta] : [delta, ("\(path)/@", YElement.map(attributes).shown)]
  }
}

extension YText.Delta {
  fileprivate var shown: String {
    switch self {
    case .insert(let string, let attributes): shownInsertion(shownString(string), attributes)
    case .insertEmbed(let value, let attributes): shownInsertion(value.shown, attributes)
    case .retain(let count, _): "retain \(count)"
    case .delete(let count): "delete \(count)"
    }
  }

  private func shownInsertion(_ content: String, _ attributes: YObject) -> String {
    let insertion = ("insert", content)
    return shownObject(attributes.isEmpty ? [insertion] : [insertion, ("attributes", YValue.object(attributes).shown)])
  }
}

private func shownNumber(_ value: Double) -> String {
  if value.isNaN { return "NaN" }
  if value == 0, value.sign == .minus { return "-0" }
  if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
  return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
}

private func shownString(_ value: String) -> String {
  "\"\(value.unicodeScalars.map { $0 == "\"" ? "\\\"" : $0.value < 0x20 ? "\\u{\($0.value)}" : String($0) }.joined())\""
}

private func shownObject(_ members: [(String, String)]) -> String {
  let sorted = members.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
  return "{\(sorted.map { "\(shownString($0)):\($1)" }.joined(separator: ","))}"
}
