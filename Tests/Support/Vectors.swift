import Foundation

/// Access to the vector files: those of the folder that HEDDLE_VECTORS names, and of Protocol/vectors what it lacks.
public enum Vectors {
  /// Where a file may be, the first place first.
  private static var folders: [URL] {
    let other = ProcessInfo.processInfo.environment["HEDDLE_VECTORS"].map { URL(fileURLWithPath: $0) }
    let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Protocol/vectors").standardized
    return [other, own].compactMap { $0 }
  }

  /// The cases of a file; none if there is no such file.
  public static func cases(_ file: String) throws -> [VectorJSON] {
    let places = folders.map { $0.appendingPathComponent(file) }
    guard let url = places.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else { return [] }
    let bytes = Array(try Data(contentsOf: url))
    return try bytes.split(separator: UInt8(ascii: "\n")).map { try VectorJSON(parsing: $0) }
  }
}

extension VectorJSON {
  /// The bytes of a base64 string.
  public var bytes: [UInt8]? {
    string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
  }

  /// The bytes of a hexadecimal string.
  public var hexBytes: [UInt8]? {
    guard let digits = string.map({ Array($0.utf8) }), digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
  }
}
