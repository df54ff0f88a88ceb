/// The wire forms: the delete set as in an update of the format, then the state vector.
extension Snapshot {
  /// Reads the wire form. Trailing bytes are tolerated.
  public init(decoding bytes: [UInt8], format: UpdateFormat = .v1) throws(UpdateError) {
    self = try bytes.read { (reader) throws(UpdateError) in
      let deleteSet = try IdSet(from: &reader, format: format)
      return Snapshot(stateVector: try StateVector(from: &reader), deleteSet: deleteSet)
    }
  }

  /// The wire form.
  public func encoded(format: UpdateFormat = .v1) -> [UInt8] {
    var writer = ByteWriter()
    deleteSet.write(to: &writer, format: format)
    stateVector.write(to: &writer)
    return writer.bytes
  }
}
