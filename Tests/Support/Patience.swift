import Glibc

/// How many times as long as usual tests wait for what has to come: `HEDDLE_TEST_PATIENCE`, which Scripts/sanitize sets, since
/// sanitizers make everything slow.
public enum Patience {
  public static let factor = getenv("HEDDLE_TEST_PATIENCE").flatMap { Int32(String(cString: $0)) } ?? 1
}
