/// The names of projects.
public enum ProjectName {
  /// Characters of a name at most.
  private static let maximumLength = 255

  /// What is wrong with a name; nil where nothing is.
  public static func problem(with name: String) -> String? {
    if name.isEmpty { return "can't be blank" }
    guard name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }) else {
      return "has invalid format: lower-case letters, digits and hyphens are possible"
    }
    return name.utf8.count > maximumLength ? "should be at most \(maximumLength) character(s)" : nil
  }
}
