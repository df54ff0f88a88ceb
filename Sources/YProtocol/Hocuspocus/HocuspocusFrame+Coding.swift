extension HocuspocusFrame {
  /// Reads a frame. Bytes after the message are tolerated, as peers do.
  public init(decoding frame: [UInt8]) throws(ProtocolError) {
    var reader = ByteReader(frame)
    let name = try reader.readString(of: .documentName)
    guard name.utf8.count <= Self.maximumNameBytes else {
      throw .tooLarge(.documentName, bytes: name.utf8.count, limit: Self.maximumNameBytes)
    }
    self.init(name: name, try HocuspocusMessage(decoding: &reader))
  }

  /// The frame's bytes. A message of an unknown type has only its type.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: name.utf8.count + 32)
    writer.write(varString: name)
    message.encode(into: &writer)
    return writer.bytes
  }
}

extension HocuspocusMessage {
  init(decoding reader: inout ByteReader) throws(ProtocolError) {
    switch try reader.readVarUInt(of: .messageType) {
    case Kind.sync, Kind.syncReply: self = .shared(try Message.decodeSync(&reader))
    case Kind.awareness: self = .shared(.awareness(try reader.readVarBytes(of: .awareness)))
    case Kind.authentication: self = try Self.decodeAuthentication(&reader)
    case Kind.queryAwareness: self = .shared(.queryAwareness)
    case Kind.stateless: self = .stateless(try reader.readString(of: .stateless))
    // Older clients give no reason.
    case Kind.close: self = .close(reason: reader.isAtEnd ? "" : try reader.readString(of: .closeReason))
    case Kind.syncStatus: self = .syncStatus(isStored: try reader.readVarUInt(of: .syncStatus) == 1)
    case let type: self = .unknown(type: type)
    }
  }

  private static func decodeAuthentication(_ reader: inout ByteReader) throws(ProtocolError) -> HocuspocusMessage {
    switch try reader.readVarUInt(of: .authentication) {
    case AuthenticationKind.token: .token(try reader.readString(of: .authentication))
    case AuthenticationKind.permissionDenied: .permissionDenied(reason: try reader.readString(of: .authentication))
    case AuthenticationKind.authenticated:
      .authenticated(isReadOnly: try reader.readString(of: .authentication) == Self.readOnly)
    default: .unknown(type: Kind.authentication)
    }
  }

  private static let readOnly = "readonly"

  func encode(into writer: inout ByteWriter) {
    switch self {
    // Sync and awareness have the same numbers here as there.
    case .shared(let message): writer.write(raw: message.encoded())
    case .token(let token): Self.encode(AuthenticationKind.token, token, into: &writer)
    case .permissionDenied(let reason): Self.encode(AuthenticationKind.permissionDenied, reason, into: &writer)
    case .authenticated(let isReadOnly):
      Self.encode(AuthenticationKind.authenticated, isReadOnly ? Self.readOnly : "read-write", into: &writer)
    case .stateless(let text):
      writer.write(varUInt: Kind.stateless)
      writer.write(varString: text)
    case .syncStatus(let isStored):
      writer.write(varUInt: Kind.syncStatus)
      writer.write(varUInt: isStored ? 1 : 0)
    case .close(let reason):
      writer.write(varUInt: Kind.close)
      writer.write(varString: reason)
    case .unknown(let type): writer.write(varUInt: type)
    }
  }

  private static func encode(_ kind: UInt64, _ text: String, into writer: inout ByteWriter) {
    writer.write(varUInt: Kind.authentication)
    writer.write(varUInt: kind)
    writer.write(varString: text)
  }
}

extension ByteReader {
  fileprivate mutating func readString(of part: ProtocolError.Part) throws(ProtocolError) -> String {
    do {
      return try readVarString()
    } catch {
      throw .malformed(part, error)
    }
  }
}
