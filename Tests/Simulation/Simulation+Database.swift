import Workflow

/// Those who write to the database without Heddle: imports, and people with psql.
extension Simulation {
  func writeRows() {
    let number = Int.random(in: 0..<8, using: &random)
    store.contents.writeRows { content in
      guard let index = content.jobs.firstIndex(where: { $0.id == Plot.textJob }) else { return }
      let others = content.jobs.indices.filter { $0 != index }
      switch number {
      case 0..<3: writeToken(into: &content.jobs[index])
      case 3: content.name = "imported \(Int.random(in: 0..<1000, using: &random))"
      case 4:
        content.concurrency = Int.random(in: 1..<1000, using: &random)
        ledger.set(concurrency: content.concurrency ?? 0)
      case 5: addJob(to: &content)
      case 6:
        guard let edited = others.randomElement(using: &random) else { return }
        content.jobs[edited].name = Plot.jobName(&random)
      default:
        guard let victim = others.randomElement(using: &random) else { return }
        removeJob(content.jobs[victim].id, from: &content)
      }
    }
    // The notification: lost, once or twice, to either node.
    for _ in 0..<Int.random(in: 0..<3, using: &random) {
      nodes[Int.random(in: 0..<nodes.count, using: &random)].rowsChanged()
    }
  }

  private func writeToken(into job: inout Job) {
    let token = "<d\(ledger.databaseTokens.count)>"
    var units = Array(job.body.utf16)
    units.insert(contentsOf: token.utf16, at: Plot.boundary(in: job.body, &random))
    job.body = String(decoding: units, as: UTF16.self)
    ledger.wrote(token: token, .database)
  }

  private func addJob(to content: inout WorkflowContent) {
    let job = Job(id: Plot.identifier(&random), name: Plot.jobName(&random), body: "fn()")
    content.jobs.append(job)
    content.edges.append(Edge(id: Plot.identifier(&random), sourceJobID: Plot.textJob, targetJobID: job.id))
    ledger.added(job: job.id, .database)
  }

  private func removeJob(_ id: String, from content: inout WorkflowContent) {
    content.jobs.removeAll { $0.id == id }
    content.edges.removeAll { $0.sourceJobID == id || $0.targetJobID == id }
    ledger.removed(job: id)
  }
}
