import Workflow
import YProtocol

extension Room {
  /// The names that members show of themselves in their awareness states, as `user.name` or `user`; each once, in
  /// alphabetical order. Reads every state: not for every message.
  public var memberNames: [String] {
    let names = awareness.clients.compactMap { client -> String? in
      guard let state = awareness[client], let user = (try? JSONValue(parsing: state))?["user"] else { return nil }
      return user["name"]?.string ?? user.string
    }
    return Set(names).filter { !$0.isEmpty }.sorted()
  }
}
