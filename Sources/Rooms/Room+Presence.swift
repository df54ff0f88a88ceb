import YProtocol

extension Room {
  /// The names that members of this server show of themselves in their awareness states, as `user.name` or `user`; each once, in
  /// alphabetical order. Reads every state: not for every message.
  public var memberNames: [String] {
    Set(awareness.clientsHere.compactMap { awareness[$0].flatMap(Self.name(in:)) }).sorted()
  }
}
