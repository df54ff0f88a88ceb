import Foundation
import Testing

/// How much servers have to do with each other. `make scale` prints the table of Protocol/scaling.md.
@Suite struct ScaleTests {
  private func load(
    _ nodes: Int, _ documents: Int, isHashed: Bool, separatesDocuments: Bool, seconds: Int = 2
  ) -> ScaleSimulation.Load {
    let options = ScaleSimulation.Options(
      nodes: nodes, documents: documents, isHashed: isHashed, separatesDocuments: separatesDocuments, seconds: seconds)
    var simulation = ScaleSimulation(options, seed: 1)
    return simulation.run()
  }

  @Test func aServerThatIsAloneHasNothingToSay() {
    let alone = load(1, 5000, isHashed: true, separatesDocuments: false)
    #expect(alone.published == 0 && alone.reads == 0 && alone.commits > 0)
  }

  @Test func aBalancerThatHashesSavesAllReads() {
    let hashed = load(5, 5000, isHashed: true, separatesDocuments: false)
    let spread = load(5, 5000, isHashed: false, separatesDocuments: false)
    #expect(hashed.reads == 0 && spread.reads > 0)
  }

  @Test func channelsOfTheirOwnSaveWhatNobodyElseHasOpen() {
    let all = load(10, 20_000, isHashed: false, separatesDocuments: false)
    let own = load(10, 20_000, isHashed: false, separatesDocuments: true)
    #expect(own.receivedBytes < all.receivedBytes / 3)
    #expect(own.reads == all.reads)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["HEDDLE_SCALE"] != nil))
  func theTable() {
    print("| nodes | documents | balancer | carrier | commits | published | received | KB | reads | most reads |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for (nodes, documents) in [(3, 100_000), (10, 100_000), (10, 1_000_000), (30, 1_000_000), (100, 1_000_000)] {
      for isHashed in [true, false] {
        for separates in [false, true] {
          let load = load(nodes, documents, isHashed: isHashed, separatesDocuments: separates, seconds: 10)
          let figures = [
            load.commits, load.published, load.received, load.receivedBytes / 1000, load.reads, load.highestReads,
          ]
          let cells = figures.map { String(Int($0.rounded())) }.joined(separator: " | ")
          let (balancer, carrier) = (isHashed ? "hashing" : "none", separates ? "Redis" : "Postgres")
          print("| \(nodes) | \(documents) | \(balancer) | \(carrier) | \(cells) |")
        }
      }
    }
  }
}
