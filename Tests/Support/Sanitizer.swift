import Glibc

public enum Sanitizer {
  /// Whether the tests run under one: `HEDDLE_SANITIZER`, which Scripts/sanitize sets.
  public static let isOn = getenv("HEDDLE_SANITIZER") != nil
}
