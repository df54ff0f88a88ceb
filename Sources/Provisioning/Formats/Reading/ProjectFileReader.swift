import Workflow

/// Finds out which format a file is in, and reads it.
struct ProjectFileReader {
  let reading: FileReading

  init(_ reading: FileReading) {
    self.reading = reading
  }

  /// What the file says; nil where problems say why not.
  func file(_ bytes: [UInt8]) -> ProjectFile? {
    var bytes = bytes[...]
    guard bytes.count <= reading.limits.bytes else {
      reading.report("the file has more than \(reading.limits.bytes) bytes")
      return nil
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    return file(text: Array(bytes))
  }

  private func file(text: [UInt8]) -> ProjectFile? {
    nil
  }
}
