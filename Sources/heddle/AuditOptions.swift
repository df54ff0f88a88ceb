import ArgumentParser
import Storage

/// How a server looks whether what is stored fits together, each a flag.
struct AuditOptions: ParsableArguments {
  @Option(help: "How often some documents are looked at whether what is stored of them fits together; 0s: never.")
  var auditInterval: Duration = environmentDefault("audit-interval", defaults.auditInterval)

  @Option(help: "How many documents are looked at each time; 0: none.")
  var auditDocuments: Int = environmentDefault("audit-documents", defaults.auditDocuments)

  @Option(help: "Bytes that may be stored of a document that is looked at.")
  var maximumAuditBytes: Int = environmentDefault("maximum-audit-bytes", defaults.maximumAuditBytes)

  private static let defaults = StoreConfiguration(conninfo: "")

  mutating func validate() throws {
    guard auditDocuments >= 0 else { throw ValidationError("--audit-documents is less than 0") }
  }

  /// Puts what the flags say into `configuration`.
  func apply(to configuration: inout StoreConfiguration) {
    configuration.auditInterval = auditInterval
    configuration.auditDocuments = auditDocuments
    configuration.maximumAuditBytes = maximumAuditBytes
  }
}
