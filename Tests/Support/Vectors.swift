import Foundation

/// Access to the vector files: those of Protocol/vectors, or of the folder that HEDDLE_VECTORS names.
public enum Vectors {
  /// The folder of the files.
  public static var folder: URL {
    if let other = ProcessInfo.processInfo.environment["HEDDLE_VECTORS"] { return URL(fileURLWithPath: other) }
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Protocol/vectors").standardized
  }

  /// The cases of a file; none if the folder has no such file.
  public static func cases(_ file: String) throws -> [VectorJSON] {
    let url = folder.appendingPathComponent(file)
    guard FileManager.default.fileExists(atPath: url.path) else { return [] }
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
