import Logging
import TestSupport
import Testing

@testable import Storage

/// What a bus says of itself when its carrier fails.
@Suite struct BusTests {
  private struct Carrier: BusCarrier {
    let works: Watched<Bool>

    var description: String { "a carrier" }
    var maximumTextBytes: Int { 1000 }
    var separatesDocuments: Bool { true }

    func publisher(installation: String) -> any BusPublisher { Half(works: works) }
    func subscriber(installation: String) -> any BusSubscriber { Half(works: works) }
  }

  private final class Half: BusPublisher, BusSubscriber {
    private let works: Watched<Bool>
    let socket: Int32 = -1

    init(works: Watched<Bool>) { self.works = works }

    private func check() throws {
      guard works.current else { throw BusError(description: "it is away") }
    }

    func connect() throws { try check() }
    func publish(_ parcels: [BusParcel]) throws { try check() }
    func listen(to documents: Set<String>) throws { try check() }
    func receive() throws -> BusDelivery { BusDelivery() }
    func close() {}
  }

  private struct Lines: LogHandler {
    let lines: Answers<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level) \(event.message)") }
  }

  @Test func itIsSaidOnceThatItIsAwayAlsoAtTheStart() throws {
    let (works, lines) = (Watched(false), Answers<String>())
    let logger = Logger(label: "bus") { _ in Lines(lines: lines) }
    let bus = Bus(
      node: UUIDText.random(), carrier: Carrier(works: works), turnInterval: .milliseconds(1), logger: logger)
    bus.start(installation: "test", Bus.Handlers(received: { _, _ in }, missed: { _ in }))
    defer { bus.stop() }
    try until("it has failed more than once") { bus.status.failures > 4 }
    func said(_ beginning: String) -> Int { lines.all.count { $0.hasPrefix(beginning) } }
    #expect(lines.all.count == 1 && said("warning the bus is away") == 1, "\(lines.all)")
    works.update { $0 = true }
    try until("it works") { bus.status.isConnected }
    try until("it says so") { said("info the bus works") == 1 }
    works.update { $0 = false }
    bus.publish(.look)
    bus.follow([SampleProject.workflow], true)
    try until("it is away") { !bus.status.speaks && !bus.status.hears }
    try until("it says so") { said("warning the bus is away") == 2 }
    #expect(lines.all.count == 3, "\(lines.all)")
  }
}
