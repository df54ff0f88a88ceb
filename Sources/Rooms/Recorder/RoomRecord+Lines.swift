import Workflow
import YCRDT

/// Records as JSON lines: the header, the keyframe, then steps and marks in their order.
extension RoomRecord {
  private struct Line: Codable {
    var header: Header?
    var keyframe: RoomKeyframe?
    var step: RecordedStep?
    var mark: RecordMark?
  }

  /// The text of a file. O(size of the record).
  public func lines() throws(RecordError) -> String {
    var marks = marks[...]
    var lines = [try Self.text(of: Line(header: header))]
    if let keyframe { lines.append(try Self.text(of: Line(keyframe: keyframe))) }
    for step in steps {
      while let mark = marks.first, mark.after < step.number {
        lines.append(try Self.text(of: Line(mark: marks.removeFirst())))
      }
      lines.append(try Self.text(of: Line(step: step)))
    }
    for mark in marks { lines.append(try Self.text(of: Line(mark: mark))) }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func text(of line: Line) throws(RecordError) -> String {
    do {
      return JSONValue(line: try YValue(encoding: line)).text
    } catch {
      throw RecordError("the record cannot be written: \(error)")
    }
  }

  /// Reads a file. Lines of kinds that this version does not know are passed over.
  public init(parsing text: String) throws(RecordError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads a file.
  public init(parsing bytes: [UInt8]) throws(RecordError) {
    var lines: [Line] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      lines.append(try Self.line(Array(line), number: index + 1))
      if index == 0 { try Self.check(lines[0].header) }
    }
    guard let header = lines.first?.header else { throw RecordError("the file is empty") }
    let steps = lines.compactMap(\.step)
    for (step, next) in zip(steps, steps.dropFirst()) where next.number != step.number + 1 {
      throw RecordError("after step \(step.number) comes step \(next.number)")
    }
    self.init(
      header: header, keyframe: lines.lazy.compactMap(\.keyframe).first, steps: steps, marks: lines.compactMap(\.mark))
  }

  private static func line(_ bytes: [UInt8], number: Int) throws(RecordError) -> Line {
    do {
      let json = try JSONValue(parsing: bytes)
      guard let value = json.lineValue else { throw RecordError("bytes have to be base64, and numbers at most 2^53") }
      return try value.decode(Line.self)
    } catch {
      throw RecordError("line \(number) is no line of a record: \(error)")
    }
  }

  private static func check(_ header: Header?) throws(RecordError) {
    guard let header, header.format == Header.format else {
      throw RecordError("a record begins with a line {\"header\": {\"format\": \"\(Header.format)\", …}}")
    }
    guard header.version == Header.version else {
      throw RecordError("the record has version \(header.version); version \(Header.version) can be read")
    }
  }
}
