/// How far a replica knows the work of each client: the next clock it expects.
public struct StateVector: Hashable, Sendable {
  private var clocks: [ClientID: UInt64] = [:]

  /// Knows nothing.
  public init() {}

  /// The next clock expected of a client; 0 if it is unknown.
  public subscript(client: ClientID) -> UInt64 {
    get { clocks[client] ?? 0 }
    set { clocks[client] = newValue == 0 ? nil : newValue }
  }

  /// Whether it knows nothing.
  public var isEmpty: Bool { clocks.isEmpty }

  /// The known clients, greatest id first.
  public var clients: [ClientID] { clocks.keys.sorted(by: >) }

  /// Reads the wire form. Trailing bytes are tolerated.
  public init(decoding bytes: [UInt8]) throws(UpdateError) {
    self = try bytes.read { (reader) throws(UpdateError) in try StateVector(from: &reader) }
  }

  /// The wire form, greatest client first.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    write(to: &writer)
    return writer.bytes
  }

  init(from reader: inout ByteReader) throws(UpdateError) {
    for _ in 0..<(try reader.elementCount()) {
      let client = try reader.varUInt()
      self[client] = try reader.varUInt()
    }
  }

  func write(to writer: inout ByteWriter) {
    writer.varUInt(clocks.count)
    for (client, clock) in clocks.sorted(by: { $0.key > $1.key }) {
      writer.varUInt(client)
      writer.varUInt(clock)
    }
  }
}

extension [UInt8] {
  /// Runs `body` with a reader of these bytes.
  func read<R>(_ body: (inout ByteReader) throws(UpdateError) -> R) throws(UpdateError) -> R {
    let result = withUnsafeBufferPointer { buffer -> Result<R, UpdateError> in
      var reader = ByteReader(buffer)
      do throws(UpdateError) {
        return .success(try body(&reader))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
