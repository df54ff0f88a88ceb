/// Jobs and the ways between them, asked about cycles. Nothing here recurses: a workflow may be one long chain.
struct Digraph {
  private let next: [[Int]]
  /// The strongly connected component of each node.
  private let component: [Int]
  private let componentSizes: [Int]

  /// The ways that begin at a job; those that lead from a job to itself are not looked at. O(nodes + ways).
  init(_ count: Int, _ ways: [WorkflowPaths.Way]) {
    var next = [[Int]](repeating: [], count: count)
    for way in ways {
      if let source = way.source, source != way.target { next[source].append(way.target) }
    }
    self.next = next
    component = Self.components(next)
    var sizes = [Int](repeating: 0, count: count)
    for number in component { sizes[number] += 1 }
    componentSizes = sizes
  }

  /// Those that lie on a cycle, in order.
  var cyclicNodes: [Int] { next.indices.filter { componentSizes[component[$0]] > 1 } }

  /// Whether one of the ways lies on a cycle.
  func isOnCycle(_ way: WorkflowPaths.Way) -> Bool {
    guard let source = way.source, source != way.target else { return false }
    return component[source] == component[way.target]
  }

  /// All that can be reached from some nodes, themselves included.
  func nodes(from starts: [Int]) -> Set<Int> {
    var reached = Set(starts)
    var rest = starts
    while let node = rest.popLast() {
      for target in next[node] where reached.insert(target).inserted { rest.append(target) }
    }
    return reached
  }

  /// Tarjan's algorithm, with a stack of its own.
  private static func components(_ next: [[Int]]) -> [Int] {
    var component = [Int](repeating: -1, count: next.count)
    var number = [Int](repeating: -1, count: next.count)
    var lowest = number
    var (open, path, cursor): ([Int], [Int], [Int]) = ([], [], [Int](repeating: 0, count: next.count))
    var (numbers, components) = (0, 0)
    for root in next.indices where number[root] < 0 {
      path.append(root)
      while let node = path.last {
        if number[node] < 0 {
          (number[node], lowest[node]) = (numbers, numbers)
          numbers += 1
          open.append(node)
        }
        if cursor[node] < next[node].count {
          let target = next[node][cursor[node]]
          cursor[node] += 1
          if number[target] < 0 {
            path.append(target)
          } else if component[target] < 0 {
            lowest[node] = min(lowest[node], number[target])
          }
          continue
        }
        path.removeLast()
        if let parent = path.last { lowest[parent] = min(lowest[parent], lowest[node]) }
        guard lowest[node] == number[node] else { continue }
        while let last = open.popLast() {
          component[last] = components
          if last == node { break }
        }
        components += 1
      }
    }
    return component
  }
}
