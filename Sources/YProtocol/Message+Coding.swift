extension Message {
  /// Reads a frame. Bytes after the message are tolerated, as peers do.
  public init(decoding frame: [UInt8]) throws(ProtocolError) {
    var reader = ByteReader(frame)
    switch try reader.readVarUInt(of: .messageType) {
    case Kind.sync:
      self = try Self.decodeSync(&reader)
    case Kind.awareness:
      self = .awareness(try reader.readVarBytes(of: .awareness))
    case Kind.authentication:
      self = try Self.decodeAuthentication(&reader)
    case Kind.queryAwareness:
      self = .queryAwareness
    case Kind.syncStatus:
      self = .syncStatus(try reader.readVarBytes(of: .syncStatus, limit: Self.maximumSyncStatusBytes))
    case Kind.event:
      self = try Self.decodeEvent(&reader)
    case let type:
      self = .unknown(type: type)
    }
  }

  private static func decodeEvent(_ reader: inout ByteReader) throws(ProtocolError) -> Message {
    do {
      return .event(try reader.readVarString())
    } catch {
      throw .malformed(.event, error)
    }
  }

  static func decodeSync(_ reader: inout ByteReader) throws(ProtocolError) -> Message {
    switch try reader.readVarUInt(of: .syncType) {
    case SyncKind.step1: .syncStep1(try reader.readVarBytes(of: .stateVector))
    case SyncKind.step2: .syncStep2(try reader.readVarBytes(of: .update))
    case SyncKind.update: .update(try reader.readVarBytes(of: .update))
    case let type: throw .unknownSyncType(type)
    }
  }

  private static func decodeAuthentication(_ reader: inout ByteReader) throws(ProtocolError) -> Message {
    guard try reader.readVarUInt(of: .authentication) == AuthenticationKind.permissionDenied else {
      return .unknown(type: Kind.authentication)
    }
    do {
      return .permissionDenied(reason: try reader.readVarString())
    } catch {
      throw .malformed(.authentication, error)
    }
  }

  /// The frame of this message. An unknown message has only its type.
  public func encoded() -> [UInt8] {
    switch self {
    case .syncStep1(let stateVector): Self.frame(Kind.sync, SyncKind.step1, stateVector)
    case .syncStep2(let update): Self.frame(Kind.sync, SyncKind.step2, update)
    case .update(let update): Self.frame(Kind.sync, SyncKind.update, update)
    case .awareness(let update): Self.frame(Kind.awareness, nil, update)
    case .permissionDenied(let reason):
      Self.frame(Kind.authentication, AuthenticationKind.permissionDenied, Array(reason.utf8))
    case .syncStatus(let payload): Self.frame(Kind.syncStatus, nil, payload)
    case .event(let text): Self.frame(Kind.event, nil, Array(text.utf8))
    case .queryAwareness: [UInt8(Kind.queryAwareness)]
    case .unknown(let type): Self.frame(type)
    }
  }

  private static func frame(_ type: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: 8)
    writer.write(varUInt: type)
    return writer.bytes
  }

  private static func frame(_ type: UInt64, _ subtype: UInt64?, _ payload: [UInt8]) -> [UInt8] {
    var writer = ByteWriter(capacity: payload.count + 11)
    writer.write(varUInt: type)
    if let subtype { writer.write(varUInt: subtype) }
    writer.write(varBytes: payload)
    return writer.bytes
  }
}

extension ByteReader {
  mutating func readVarUInt(of part: ProtocolError.Part) throws(ProtocolError) -> UInt64 {
    do {
      return try readVarUInt()
    } catch {
      throw .malformed(part, error)
    }
  }

  mutating func readVarBytes(
    of part: ProtocolError.Part, limit: Int = .max
  ) throws(ProtocolError) -> [UInt8] {
    let range: Range<Int>
    do {
      range = try readVarBytesRange()
    } catch {
      throw .malformed(part, error)
    }
    guard range.count <= limit else { throw .tooLarge(part, bytes: range.count, limit: limit) }
    return Array(bytes[range])
  }
}
