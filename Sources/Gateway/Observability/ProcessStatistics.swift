import Glibc

/// What this process has of the machine.
struct ProcessStatistics {
  let residentBytes: Int
  let cpuSeconds: Double
  let openFiles: Int
  let maximumFiles: Int
  /// In seconds since 1970.
  let startTime: Double

  init() {
    (residentBytes, startTime) = (Self.readResidentBytes(), Self.start)
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
    openFiles = Self.countFiles()
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    maximumFiles = Int(clamping: limit.rlim_cur)
  }

  /// When this was first looked at; servers do when they begin.
  static let start: Double = {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }()

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

  private static func readResidentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "re") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let words = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }.split(separator: " ")
    return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * sysconf(Int32(_SC_PAGESIZE))
  }

  /// Without the one that it takes to count them.
  private static func countFiles() -> Int {
    guard let folder = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(folder) }
    var count = -1
    while let entry = readdir(folder) {
      if withUnsafePointer(to: &entry.pointee.d_name.0, { $0.pointee }) != CChar(UInt8(ascii: ".")) { count += 1 }
    }
    return max(0, count)
  }
}
