import Glibc

extension EmbeddedCluster {
  /// How to connect to the cluster of a directory that another process runs; nil where none does.
  public static func conninfo(ofRunning directory: String) -> String? {
    // Postgres writes the directory of its socket into the fifth line of this file.
    guard let file = fopen(directory + "/data/postmaster.pid", "r") else { return nil }
    defer { fclose(file) }
    var lines: [String] = []
    var line = [CChar](repeating: 0, count: 4096)
    while lines.count < 5, fgets(&line, Int32(line.count), file) != nil {
      lines.append(String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
    return lines.count == 5 ? "host='\(lines[4])' user=heddle dbname=heddle" : nil
  }
}
