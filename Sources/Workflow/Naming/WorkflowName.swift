/// What a workflow can be called in its project.
public enum WorkflowName {
  /// What a workflow is called that nobody has given a name.
  public static let untitled = "Untitled workflow"
  /// How many characters rows have room for.
  public static let maximumLength = 255

  /// What the names begin with that can be in the way of a wanted one: they have to be known to find a free one.
  public static func stem(of wanted: String) -> String {
    String(proper(wanted).unicodeScalars.prefix(maximumLength - 16))
  }

  /// The wanted name without white space around it, or the first free one of those with " 1", " 2" and so on behind it.
  /// O(taken).
  public static func free(_ wanted: String, taken: Set<String>) -> String {
    let name = proper(wanted)
    guard taken.contains(name) else { return name }
    var number = 1
    while true {
      let suffix = " \(number)"
      let candidate = String(name.unicodeScalars.prefix(maximumLength - suffix.unicodeScalars.count)) + suffix
      if !taken.contains(candidate) { return candidate }
      number += 1
    }
  }

  private static func proper(_ wanted: String) -> String {
    let storable = String(String.UnicodeScalarView(wanted.unicodeScalars.lazy.filter { $0 != "\0" }))
    let name = String(storable.trimmed().unicodeScalars.prefix(maximumLength)).trimmed()
    return name.isEmpty ? untitled : name
  }
}
