import ArgumentParser
import Reconciliation

/// How conflicts are decided: the same for servers and for who plans imports.
struct PolicyOptions: ParsableArguments {
  @Option(help: "Who stands where people and the database differ, as in jobs.*.name=live,workflow.name=live.")
  var conflictWinners: String = environmentDefault("conflict-winners", "")

  mutating func validate() throws {
    do {
      _ = try parsed()
    } catch {
      throw ValidationError("--conflict-winners: \(error)")
    }
  }

  private func parsed() throws(PolicyError) -> Policy {
    let texts = conflictWinners.split(separator: ",").map { String($0.filter { $0 != " " }) }
    return try Policy.standard.overriding(winners: Policy.winners(parsing: texts))
  }

  /// The policy that the flag describes.
  var policy: Policy { (try? parsed()) ?? .standard }
}
