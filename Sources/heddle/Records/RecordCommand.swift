import ArgumentParser
import Glibc
import Workflow

/// `heddle record`.
struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Take out of a server what the room of a workflow did in its last minutes.",
    discussion: """
      The server has to be the one that has, or lately had, the room. Texts, values and names are replaced unless \
      --with-content is given; 'heddle replay' shows and checks either. Where the server wants tokens, that of somebody who runs \
      it has to be in HEDDLE_TOKEN.
      """)

  @Argument(help: "The id of the workflow.")
  var workflow: String

  @Option(help: "The server, as http://host:port.")
  var url: String = environmentDefault("url", "http://127.0.0.1:4400")

  @Option(help: "Where the record goes, once all of it is there; standard output without it.")
  var output: String?

  @Option(help: "How long it may take.")
  var timeLimit: Duration = .seconds(600)

  @Flag(help: "Keep texts, values and names as they are. For who may read the workflow, too.")
  var withContent = false

  mutating func validate() throws {
    guard DocumentName.isUUID(workflow) else { throw ValidationError("'\(workflow)' is not the id of a workflow") }
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
      throw ValidationError("'\(url)' is not of the form http://host:port or https://host")
    }
  }

  func run() throws {
    try failing {
      let server = url.hasSuffix("/") ? String(url.dropLast()) : url
      let path = "/api/workflows/\(workflow.lowercased())/record" + (withContent ? "?content=1" : "")
      let token = getenv("HEDDLE_TOKEN").map { String(cString: $0) }
      try Download(url: server + path, output: output, token: token, limit: timeLimit).run()
      if let output { report("the record is in \(output); 'heddle replay \(output)' shows it") }
    }
  }
}
