import Workflow

/// JSON that people read: one member a line, keys in ascending order.
enum JSONText {
  static func pretty(_ value: JSONValue) -> String {
    var text = ""
    write(value, "", &text)
    return text + "\n"
  }

  private static func write(_ value: JSONValue, _ indentation: String, _ text: inout String) {
    let inner = indentation + "  "
    switch value {
    case .array(let elements) where !elements.isEmpty:
      for (index, element) in elements.enumerated() {
        text += (index == 0 ? "[\n" : ",\n") + inner
        write(element, inner, &text)
      }
      text += "\n\(indentation)]"
    case .object(let members) where !members.isEmpty:
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, member) in sorted.enumerated() {
        text += (index == 0 ? "{\n" : ",\n") + inner + JSONValue.string(member.key).text + ": "
        write(member.value, inner, &text)
      }
      text += "\n\(indentation)}"
    default: text += value.text
    }
  }
}
