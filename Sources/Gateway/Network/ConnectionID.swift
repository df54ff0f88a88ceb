/// Names a connection for ever. Anything that leaves the loop's thread carries this instead of a `Connection`.
struct ConnectionID: Hashable, Sendable {
  let slot: UInt32
  let generation: UInt32
}
