import ArgumentParser
import Gateway
import Rooms

/// What rooms' records may take, each a flag.
struct RecordOptions: ParsableArguments {
  @Option(help: "How far back records of rooms go; 0s turns them off.")
  var recordWindow: Duration = environmentDefault("record-window", .milliseconds(defaults.window))

  @Option(help: "Bytes of memory that the record of one room may take; 0 turns records off.")
  var maximumRecordBytes: Int = environmentDefault("maximum-record-bytes", defaults.maximumBytes)

  @Option(help: "Bytes of memory that all records together may take; 0 turns them off.")
  var maximumRecordsBytes: Int = environmentDefault("maximum-records-bytes", defaults.maximumTotalBytes)

  @Option(help: "How long the record of a room that ended by a fault is kept.")
  var faultRecordRetention: Duration = environmentDefault(
    "fault-record-retention", GatewayConfiguration(network: ServerConfiguration(endpoints: [])).faultRecordRetention)

  @Option(help: "How long the answer may take to be made that takes a record out.")
  var recordTimeout: Duration = environmentDefault(
    "record-timeout", GatewayConfiguration(network: ServerConfiguration(endpoints: [])).recordTimeout)

  private static let defaults = RecorderLimits()

  mutating func validate() throws {
    for (flag, value) in [
      ("--maximum-record-bytes", maximumRecordBytes), ("--maximum-records-bytes", maximumRecordsBytes),
    ] where value < 0 { throw ValidationError("\(flag) is less than 0") }
  }

  /// Puts what the flags say into `configuration`.
  func apply(to configuration: inout GatewayConfiguration) {
    configuration.records.window = recordWindow.milliseconds
    configuration.records.maximumBytes = maximumRecordBytes
    configuration.records.maximumTotalBytes = maximumRecordsBytes
    configuration.faultRecordRetention = faultRecordRetention
    configuration.recordTimeout = recordTimeout
  }
}
