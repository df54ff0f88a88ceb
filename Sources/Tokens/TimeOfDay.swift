import Glibc

/// What tokens go by.
public enum TimeOfDay {
  /// In milliseconds since 1970.
  public static var now: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  }
}
