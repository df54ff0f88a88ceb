import Gateway
import Glibc
import Storage

/// Looks at the machine as a server needs it.
struct MachineExamination {
  let maximumConnections: Int
  let maximumPendingBytes: Int
  /// Where the private Postgres keeps its data; nil where a database is given.
  let dataDirectory: String?
  /// The flags that there are, without dashes.
  let flags: Set<String>

  private static let reservedFiles: UInt64 = 256
  private static let mebibyte: UInt64 = 1 << 20

  func findings() -> [Finding] {
    var findings = [files] + variables
    if let memory { findings.append(memory) }
    if let dataDirectory {
      if let disk = DiskSpace(of: dataDirectory)?.finding(below: dataDirectory) { findings.append(disk) }
      if let shared { findings.append(shared) }
    }
    return findings
  }

  private var files: Finding {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let needed = UInt64(maximumConnections) + Self.reservedFiles
    let text = "\(limit.rlim_max) may be open, \(needed) are wanted for \(maximumConnections) connections"
    guard limit.rlim_max < needed else { return Finding("files", .ok, text) }
    return Finding(
      "files", .warning, text,
      advice: "raise the hard limit (LimitNOFILE= of the unit, ulimit -Hn), or lower --maximum-connections")
  }

  private var memory: Finding? {
    guard let available = Self.available else { return nil }
    let text =
      "\(available / Self.mebibyte) MiB of memory are free; up to \(maximumPendingBytes >> 20) MiB may wait for the database"
    guard available < 2 * UInt64(maximumPendingBytes) else { return Finding("memory", .ok, text) }
    return Finding("memory", .warning, text, advice: "give it more memory, or lower --maximum-store-pending-bytes")
  }

  private static var available: UInt64? {
    guard let file = fopen("/proc/meminfo", "re") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let words = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }.split(separator: " ")
      if words.count > 1, words[0] == "MemAvailable:" { return UInt64(words[1]).map { $0 << 10 } }
    }
    return nil
  }

  private var shared: Finding? {
    guard let space = DiskSpace(of: "/dev/shm") else {
      return Finding(
        "shared memory", .warning, "there is no /dev/shm", advice: "mount a tmpfs there: Postgres needs it")
    }
    let text = "\(space.free / Self.mebibyte) of \(space.total / Self.mebibyte) MiB are free in /dev/shm"
    guard space.free < 32 * Self.mebibyte else { return Finding("shared memory", .ok, text) }
    return Finding("shared memory", .warning, text, advice: "make it larger (--shm-size of the container)")
  }

  /// Variables that are meant for Heddle and mean nothing to it.
  private var variables: [Finding] {
    var findings: [Finding] = []
    var entry = environ
    while let variable = entry.pointee {
      let name = String(cString: variable).prefix { $0 != "=" }
      let flag = name.dropFirst("HEDDLE_".count).lowercased().replacing("_", with: "-")
      if name.hasPrefix("HEDDLE_"), !name.hasPrefix("HEDDLE_TEST_"), !flags.contains(flag) {
        findings.append(
          Finding(
            "configuration", .warning, "\(name) is set, and there is no flag --\(flag)",
            advice: "correct its name: it does nothing like this"))
      }
      entry += 1
    }
    return findings.isEmpty ? [Finding("configuration", .ok, "every HEDDLE_ variable is known")] : findings
  }
}
