// Yams composes recursively, resolves scalars by the rules of YAML 1.1 and compares keys that aliases may have blown up.
// Its parser's events have none of that, and this is the only place that sees them.
internal import CYaml

/// One event of the YAML parser, copied out of its memory.
struct YAMLEvent {
  enum Kind {
    case documentStart, streamEnd, listEnd, mapEnd, other
    case alias(String)
    case scalar(String, isPlain: Bool)
    case listStart, mapStart
  }

  var kind: Kind
  var mark: YAMLMark
  var anchor: String?
  var tag: String?
}

/// The events of a YAML text, one after the other. It holds a pointer into the text only while `read` runs.
struct YAMLEvents: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  private static let nesting = "Maximum nesting level reached"

  private init() {
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    yaml_parser_initialize(parser)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// Calls `body` with every event until it returns false or the stream ends. `bytes` have to be UTF-8.
  static func read(_ bytes: [UInt8], _ body: (YAMLEvent) -> Bool) throws(YAMLProblem) {
    let problem: YAMLProblem? = bytes.withUnsafeBufferPointer { text in
      let events = YAMLEvents()
      yaml_parser_set_encoding(events.parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(events.parser, text.baseAddress, text.count)
      while true {
        var raw = yaml_event_t()
        guard yaml_parser_parse(events.parser, &raw) == 1 else { return events.problem(in: text) }
        let event = YAMLEvent(raw)
        yaml_event_delete(&raw)
        if !body(event) { return nil }
        if case .streamEnd = event.kind { return nil }
      }
    }
    if let problem { throw problem }
  }

  private func problem(in text: UnsafeBufferPointer<UInt8>) -> YAMLProblem {
    var what = parser.pointee.problem.map { String(cString: $0) } ?? "this is not YAML"
    // What comes next there is for programmers.
    if what.hasPrefix(Self.nesting) { what = "lists and maps are nested too deep" }
    if parser.pointee.error == YAML_READER_ERROR {
      let code = parser.pointee.problem_value
      let character = code >= 0 ? " (U+\(String(code, radix: 16, uppercase: true)))" : ""
      return YAMLProblem(mark: YAMLMark(text, offset: parser.pointee.problem_offset), message: what + character)
    }
    let mark = YAMLMark(parser.pointee.problem_mark)
    let isTab = parser.pointee.problem_mark.index < text.count && text.at(mark) == UInt8(ascii: "\t")
    let hint = isTab ? "; this is a tab, and YAML is indented by spaces" : ""
    guard let context = parser.pointee.context else { return YAMLProblem(mark: mark, message: what + hint) }
    let start = YAMLMark(parser.pointee.context_mark)
    let place = start.line > 1 || start.column > 1 ? " that begins in line \(start.line)" : ""
    return YAMLProblem(mark: mark, message: "\(what) (\(String(cString: context))\(place))\(hint)")
  }
}

extension YAMLEvent {
  fileprivate init(_ event: yaml_event_t) {
    mark = YAMLMark(event.start_mark)
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_STREAM_END_EVENT: kind = .streamEnd
    case YAML_SEQUENCE_END_EVENT: kind = .listEnd
    case YAML_MAPPING_END_EVENT: kind = .mapEnd
    case YAML_ALIAS_EVENT: kind = .alias(Self.text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      kind = .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      anchor = Self.text(scalar.anchor)
      tag = Self.text(scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      kind = .listStart
      anchor = Self.text(event.data.sequence_start.anchor)
      tag = Self.text(event.data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT:
      kind = .mapStart
      anchor = Self.text(event.data.mapping_start.anchor)
      tag = Self.text(event.data.mapping_start.tag)
    default: kind = .other
    }
  }

  private static func text(_ bytes: UnsafeMutablePointer<UInt8>?) -> String? {
    bytes.map { String(cString: $0) }
  }
}

extension YAMLMark {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
  }

  /// The place of a byte in UTF-8 text.
  init(_ text: some Collection<UInt8>, offset: Int) {
    var line = 1
    var column = 1
    for byte in text.prefix(offset) {
      if byte == UInt8(ascii: "\n") { (line, column) = (line + 1, 1) } else if byte & 0xC0 != 0x80 { column += 1 }
    }
    self.init(line: line, column: column)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The byte at a place, as far as all before it in its line are ASCII.
  fileprivate func at(_ mark: YAMLMark) -> UInt8? {
    var line = 1
    for (offset, byte) in enumerated() {
      if line == mark.line { return offset + mark.column - 1 < count ? self[offset + mark.column - 1] : nil }
      if byte == UInt8(ascii: "\n") { line += 1 }
    }
    return nil
  }
}
