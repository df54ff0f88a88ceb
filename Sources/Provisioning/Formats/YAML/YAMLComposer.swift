/// Makes a tree of the events of a YAML text, within limits, and without recursion.
struct YAMLComposer {
  /// A list or a map that is still open.
  private struct Frame {
    var start: YAMLEvent
    var isMap: Bool
    var elements: [YAMLNode] = []
    var members: [YAMLMember] = []
    var keys: [String: YAMLMark] = [:]
    var key: (text: String, mark: YAMLMark)?
    /// What is inside, aliases followed.
    var weight = Weight()
  }

  /// What a node takes.
  private struct Weight {
    var nodes = 1
    var bytes = 0

    static func += (total: inout Weight, part: Weight) {
      total.nodes += part.nodes
      total.bytes += part.bytes
    }
  }

  private let limits: FormatLimits
  private var frames: [Frame] = []
  private var anchors: [String: (node: YAMLNode, weight: Weight)] = [:]
  private var nodes = 0
  private var aliasBytes = 0
  private var documents = 0
  private var isStopped = false
  private(set) var root: YAMLNode?
  private(set) var problems: [YAMLProblem] = []

  private init(_ limits: FormatLimits) {
    self.limits = limits
  }

  /// Reads a text. The tree is nil where there is none, or where `problems` say why.
  static func compose(_ bytes: [UInt8], limits: FormatLimits) -> (root: YAMLNode?, problems: [YAMLProblem]) {
    var composer = YAMLComposer(limits)
    do throws(YAMLProblem) {
      try YAMLEvents.read(bytes) { event in
        composer.take(event)
        return !composer.isStopped
      }
    } catch {
      composer.problems.append(error)
    }
    return (composer.root, composer.problems)
  }

  private mutating func take(_ event: YAMLEvent) {
    switch event.kind {
    case .documentStart:
      documents += 1
      if documents > 1 { stop(event, "a second document begins here, and a project file is one document") }
    case .scalar(let text, let isPlain): scalar(text, isPlain: isPlain, event)
    case .alias(let name): alias(name, event)
    case .listStart, .mapStart: open(event)
    case .listEnd, .mapEnd: close()
    case .streamEnd, .other: break
    }
  }

  private mutating func stop(_ event: YAMLEvent, _ message: String) {
    problems.append(YAMLProblem(mark: event.mark, message: message))
    isStopped = true
  }

  private mutating func report(_ mark: YAMLMark, _ message: String) {
    problems.append(YAMLProblem(mark: mark, message: message))
    if problems.count > limits.problems { isStopped = true }
  }

  // MARK: Nodes

  private mutating func scalar(_ text: String, isPlain: Bool, _ event: YAMLEvent) {
    let isText = event.tag == "tag:yaml.org,2002:str" || event.tag == "!"
    if let tag = event.tag, !isText { refuse(tag, event) }
    let node = YAMLNode(mark: event.mark, value: .scalar(text, isPlain: isPlain && !isText))
    add(node, Weight(nodes: 1, bytes: text.utf8.count), event)
  }

  private mutating func refuse(_ tag: String, _ event: YAMLEvent) {
    report(event.mark, "the tag \(tag.debugDescription) is not read here: write the value without it")
  }

  private mutating func alias(_ name: String, _ event: YAMLEvent) {
    guard let (node, weight) = anchors[name] else {
      return stop(event, "there is no anchor &\(name) before this alias")
    }
    // The first node was counted when its alias was met.
    nodes += weight.nodes - 1
    aliasBytes += weight.bytes
    guard aliasBytes <= limits.aliasBytes else {
      return stop(event, "aliases stand for more than \(limits.aliasBytes) bytes of text")
    }
    var copy = node
    copy.mark = event.mark
    add(copy, weight, event)
  }

  private mutating func open(_ event: YAMLEvent) {
    guard frames.count < limits.depth else {
      return stop(event, "lists and maps are nested deeper than \(limits.depth) levels")
    }
    if let tag = event.tag { refuse(tag, event) }
    var isMap = false
    if case .mapStart = event.kind { isMap = true }
    frames.append(Frame(start: event, isMap: isMap))
  }

  private mutating func close() {
    guard let frame = frames.popLast() else { return }
    let value: YAMLNode.Value = frame.isMap ? .map(frame.members) : .list(frame.elements)
    add(YAMLNode(mark: frame.start.mark, value: value), frame.weight, frame.start)
  }

  /// Puts a finished node where it belongs.
  private mutating func add(_ node: YAMLNode, _ weight: Weight, _ event: YAMLEvent) {
    nodes += 1
    guard nodes <= limits.nodes else { return stop(event, "the file has more than \(limits.nodes) parts") }
    if let anchor = event.anchor { anchors[anchor] = (node, weight) }
    guard var frame = frames.popLast() else { return root = node }
    frame.weight += weight
    if !frame.isMap {
      frame.elements.append(node)
    } else if let key = frame.key {
      frame.key = nil
      if let before = frame.keys.updateValue(key.mark, forKey: key.text) {
        report(key.mark, "the key \(key.text.debugDescription) stands here twice, before that in line \(before.line)")
      } else {
        frame.members.append(YAMLMember(key: key.text, mark: key.mark, value: node))
      }
    } else {
      frame.key = (key(node), node.mark)
    }
    frames.append(frame)
  }

  private mutating func key(_ node: YAMLNode) -> String {
    guard case .scalar(let text, let isPlain) = node.value else {
      report(node.mark, "a key has to be text")
      return ""
    }
    if isPlain, text == "<<" { report(node.mark, "maps are not merged here: write out what << stands for") }
    return text
  }
}
