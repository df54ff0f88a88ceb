extension WireStruct {
  /// Writes the struct as V1 without its first `offset` units, spelled as Yjs would. `source` is where it was decoded from.
  func write(from source: UnsafePointer<UInt8>, offset: UInt64 = 0, into writer: inout ByteWriter) {
    guard kind != .gc && kind != .skip else {
      writer.byte(kind.rawValue)
      return writer.varUInt(length - offset)
    }
    let hasOrigin = flags.contains(.hasOrigin) || offset > 0
    let hasRight = flags.contains(.hasRightOrigin)
    writer.byte(
      kind.rawValue | (hasOrigin ? 0x80 : 0) | (hasRight ? 0x40 : 0) | (flags.contains(.hasKey) ? 0x20 : 0))
    if hasOrigin {
      writer.varUInt(offset > 0 ? client : originClient)
      writer.varUInt(offset > 0 ? clock + offset - 1 : originClock)
    }
    if hasRight {
      writer.varUInt(rightClient)
      writer.varUInt(rightClock)
    }
    if !hasOrigin && !hasRight { writeParent(from: source, into: &writer) }
    if kind == .deleted { return writer.varUInt(length - offset) }
    let bytes = UnsafeBufferPointer(start: source + Int(content), count: Int(contentLength))
    if flags.contains(.needsNormalizing) {
      normalizedContent(source).withUnsafeBufferPointer { writeContent($0, offset, into: &writer) }
    } else {
      writeContent(bytes, offset, into: &writer)
    }
  }

  private func writeParent(from source: UnsafePointer<UInt8>, into writer: inout ByteWriter) {
    if flags.contains(.hasParentName) {
      writer.byte(1)
      writer.prefixed(UnsafeBufferPointer(start: source + Int(name), count: Int(nameLength)))
    } else {
      writer.byte(0)
      writer.varUInt(rightClient)
      writer.varUInt(rightClock)
    }
    if flags.contains(.hasKey) {
      writer.prefixed(UnsafeBufferPointer(start: source + Int(key), count: Int(keyLength)))
    }
  }

  private func writeContent(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: UInt64, into writer: inout ByteWriter) {
    switch kind {
    case .string: writer.textTail(of: bytes, from: offset, isASCII: flags.contains(.isASCII))
    case .any, .json:
      var reader = ByteReader(bytes)
      for _ in 0..<offset { reader.skipTrusted(kind) }
      writer.varUInt(length - offset)
      writer.raw(UnsafeBufferPointer(rebasing: bytes[reader.position...]))
    case .type:
      writer.byte(typeKind.rawValue)
      if typeKind.hasName { writer.prefixed(bytes) }
    case .binary, .embed, .format, .doc: writer.raw(bytes)
    case .deleted, .gc, .skip: preconditionFailure("has no content")
    }
  }
}
