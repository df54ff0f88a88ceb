/// The order in which the structs of an update can be integrated, found before anything is changed.
///
/// Clients are taken from the greatest id down; where a struct needs one of another client that is in the same update,
/// that client goes first. What needs something unknown is left out, with all that follows of its client.
struct IntegrationPlan: ~Copyable {
  struct Group: BitwiseCopyable {
    var client: ClientID
    /// The group's structs that are not yet in order.
    var cursor: UInt32
    var end: UInt32
    /// The client's next clock once everything in order is integrated.
    var next: UInt64
    var isBlocked = false
    var isOnStack = false
    /// What the group waits for.
    var blockerClient: ClientID = 0
    var blockerClock: UInt64 = 0
    /// Of the groups that wait for this one the one with the least clock: the root of their heap.
    var firstWaiter: UInt32 = .none
    /// In the heap of those who wait for the same group: what lies below this one, and beside it.
    var firstBelow: UInt32 = .none
    var nextBeside: UInt32 = .none
  }

  /// Structs that follow each other, all of one client.
  struct Run: BitwiseCopyable {
    var start: UInt32
    var end: UInt32
  }

  var groups = Slab<Group>()
  /// What can be integrated, in order.
  var order = Slab<Run>()
  /// How many structs that are.
  private(set) var count = 0
  private var stack = Slab<UInt32>()
  private var ready = Slab<UInt32>()
  /// How many times waiting groups were compared; for tests of complexity.
  private(set) var comparedWaiters = 0

  /// Plans `structs`, which are sorted by client (descending) and clock.
  mutating func make(for structs: borrowing Slab<WireStruct>, knowing clients: borrowing ClientTable) {
    groups.removeAll(keepingCapacityUpTo: 1024)
    order.removeAll(keepingCapacityUpTo: 4096)
    count = 0
    if structs.count == 0 || planSingleRun(structs, clients) { return }
    collectGroups(structs, clients)
    for group in 0..<UInt32(groups.count) {
      ready.append(group)
      while ready.count > 0 {
        let next = ready[UInt32(ready.count - 1)]
        ready.removeLast(1)
        if !groups[next].isBlocked { push(next) }
        while stack.count > 0 { step(structs, clients) }
      }
    }
  }

  /// The commonest case: all structs are of one client, and nothing is missing.
  @inline(__always)
  private mutating func planSingleRun(_ structs: borrowing Slab<WireStruct>, _ clients: borrowing ClientTable) -> Bool {
    let end = UInt32(structs.count)
    let client = structs.pointer(0).pointee.client
    guard structs.pointer(end - 1).pointee.client == client else { return false }
    let known = clients.find(client)
    var next = known == .none ? 0 : clients.records.pointer(known).pointee.next
    for index in 0..<end {
      let wire = structs.pointer(index)
      guard wire.pointee.clock <= next else { return false }
      if wire.pointee.flags.contains(.needsOthers), missing(wire, clients) != nil { return false }
      next = max(next, wire.pointee.end)
    }
    groups.append(Group(client: client, cursor: end, end: end, next: next))
    order.append(Run(start: 0, end: end))
    count = structs.count
    return true
  }

  private mutating func collectGroups(_ structs: borrowing Slab<WireStruct>, _ clients: borrowing ClientTable) {
    var index: UInt32 = 0
    let count = UInt32(structs.count)
    while index < count {
      let client = structs.pointer(index).pointee.client
      let start = index
      index = end(ofGroupAt: index, in: structs)
      let known = clients.find(client)
      groups.append(
        Group(client: client, cursor: start, end: index, next: known == .none ? 0 : clients.records[known].next))
    }
  }

  /// Doubles its steps and halves them again: groups are few and may be large.
  private func end(ofGroupAt start: UInt32, in structs: borrowing Slab<WireStruct>) -> UInt32 {
    let count = UInt32(structs.count)
    let client = structs.pointer(start).pointee.client
    var step: UInt32 = 1
    var index = start
    while step > 0 {
      if count - index > step, structs.pointer(index + step).pointee.client == client {
        index += step
        step *= 2
      } else {
        step /= 2
      }
    }
    return index + 1
  }

  /// Gives back the memory that a large update needed.
  mutating func releaseIfLarge() {
    groups.removeAll(keepingCapacityUpTo: 1024)
    order.removeAll(keepingCapacityUpTo: 4096)
  }

  private mutating func push(_ group: UInt32) {
    groups[group].isOnStack = true
    stack.append(group)
  }

  private mutating func pop() {
    groups[stack[UInt32(stack.count - 1)]].isOnStack = false
    stack.removeLast(1)
  }

  /// Orders structs of the topmost group until it is done, blocked, or needs another group first.
  private mutating func step(_ structs: borrowing Slab<WireStruct>, _ clients: borrowing ClientTable) {
    let top = stack[UInt32(stack.count - 1)]
    let start = groups[top].cursor
    let end = groups[top].end
    var next = groups[top].next
    var cursor = start
    var blocker: ID?
    while cursor < end {
      let wire = structs.pointer(cursor)
      let structEnd = wire.pointee.end
      if structEnd > next {
        if wire.pointee.clock > next {
          blocker = ID(client: wire.pointee.client, clock: wire.pointee.clock - 1)
          break
        }
        if wire.pointee.flags.contains(.needsOthers) { blocker = missing(wire, clients) }
        if blocker != nil { break }
        next = structEnd
      }
      cursor += 1
    }
    groups[top].cursor = cursor
    groups[top].next = next
    if cursor > start {
      order.append(Run(start: start, end: cursor))
      count += Int(cursor - start)
    }
    guard let blocker else {
      pop()
      return release(waitersOf: top)
    }
    if blocker.client != groups[top].client, let other = findGroup(blocker.client), !groups[other].isBlocked,
      !groups[other].isOnStack, groups[other].cursor < groups[other].end
    {
      release(waitersOf: top)
      push(other)
    } else {
      block(top, by: blocker)
    }
  }

  private mutating func block(_ top: UInt32, by blocker: ID) {
    groups[top].isBlocked = true
    groups[top].blockerClient = blocker.client
    groups[top].blockerClock = blocker.clock
    pop()
    release(waitersOf: top)
    guard let other = findGroup(blocker.client), other != top else { return }
    groups[other].firstWaiter = joined(groups[other].firstWaiter, top)
  }

  /// Makes the groups ready that waited for what the group has by now in order.
  private mutating func release(waitersOf group: UInt32) {
    while case let waiter = groups[group].firstWaiter, waiter != .none,
      groups[group].next > groups[waiter].blockerClock
    {
      groups[group].firstWaiter = removingRoot(waiter)
      groups[waiter].isBlocked = false
      ready.append(waiter)
    }
  }

  // A pairing heap (Fredman, Sedgewick, Sleator and Tarjan, 1986): many may wait for one group that goes on by one struct
  // at a time, and not all of them are to be looked at each time.

  /// One heap of two; either may be empty.
  private mutating func joined(_ one: UInt32, _ other: UInt32) -> UInt32 {
    guard one != .none else { return other }
    guard other != .none else { return one }
    comparedWaiters += 1
    let isOneFirst = groups[one].blockerClock <= groups[other].blockerClock
    let (root, below) = isOneFirst ? (one, other) : (other, one)
    groups[below].nextBeside = groups[root].firstBelow
    groups[root].firstBelow = below
    return root
  }

  /// The heap below its root: joined in pairs, and these from the last to the first.
  private mutating func removingRoot(_ root: UInt32) -> UInt32 {
    var (rest, pairs) = (groups[root].firstBelow, UInt32.none)
    groups[root].firstBelow = .none
    while rest != .none {
      let one = rest
      let other = groups[one].nextBeside
      rest = other == .none ? .none : groups[other].nextBeside
      groups[one].nextBeside = .none
      if other != .none { groups[other].nextBeside = .none }
      let pair = joined(one, other)
      groups[pair].nextBeside = pairs
      pairs = pair
    }
    var heap = UInt32.none
    while pairs != .none {
      let next = groups[pairs].nextBeside
      groups[pairs].nextBeside = .none
      heap = joined(heap, pairs)
      pairs = next
    }
    return heap
  }

  /// The first id of another client that the struct needs and that is not yet known or in order. There is none if the struct
  /// needs no others.
  @inline(__always)
  private func missing(_ wire: UnsafePointer<WireStruct>, _ clients: borrowing ClientTable) -> ID? {
    let flags = wire.pointee.flags
    if flags.contains(.hasOrigin), wire.pointee.originClient != wire.pointee.client,
      wire.pointee.originClock >= next(wire.pointee.originClient, clients)
    {
      return ID(client: wire.pointee.originClient, clock: wire.pointee.originClock)
    }
    if !flags.isDisjoint(with: [.hasRightOrigin, .hasParentID]), wire.pointee.rightClient != wire.pointee.client,
      wire.pointee.rightClock >= next(wire.pointee.rightClient, clients)
    {
      return ID(client: wire.pointee.rightClient, clock: wire.pointee.rightClock)
    }
    return nil
  }

  /// The client's next clock once everything in order is integrated.
  func next(_ client: ClientID, _ clients: borrowing ClientTable) -> UInt64 {
    if let group = findGroup(client) { return groups[group].next }
    let known = clients.find(client)
    return known == .none ? 0 : clients.records[known].next
  }

  private func findGroup(_ client: ClientID) -> UInt32? {
    var low = 0
    var high = groups.count
    while low < high {
      let middle = (low + high) / 2
      if groups[UInt32(middle)].client > client { low = middle + 1 } else { high = middle }
    }
    return low < groups.count && groups[UInt32(low)].client == client ? UInt32(low) : nil
  }
}
