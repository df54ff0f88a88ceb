import Storage
import Workflow

/// All feeds of this server. Confined to the loop's thread.
final class FeedBoard {
  private unowned let gateway: Gateway
  private let configuration: FeedConfiguration
  private var feeds: [ObjectIdentifier: ChangeFeed] = [:]
  /// Who waits for what is being read: those at one place of one document read together.
  private var reads: [Place: [ChangeFeed]] = [:]
  /// Documents whose feeds will look soon.
  private var scheduled: Set<DocumentName> = []
  private var isLooking = false
  private var isDraining = false

  private struct Place: Hashable {
    let name: DocumentName
    let position: FeedPosition
  }

  /// How many entries of the log are read at once.
  private static let pageSize = 256

  init(_ gateway: Gateway, _ configuration: FeedConfiguration) {
    self.gateway = gateway
    self.configuration = configuration
  }

  // MARK: Coming and going

  /// Takes in a feed, or answers that there are too many.
  func add(_ feed: ChangeFeed) {
    guard feeds.count < configuration.maximumFeeds, !isDraining else {
      let message = isDraining ? "the server restarts" : "\(feeds.count) feeds are open (--maximum-feeds); try again"
      var response = ErrorBody.response(503, message)
      response.headers.append((name: "retry-after", value: "5"))
      return feed.call.respond(response)
    }
    guard feed.begin() else { return }
    feeds[ObjectIdentifier(feed)] = feed
    if let attendance = feed.attendance { gateway.attendances.add(attendance) }
    feed.advance()
  }

  func remove(_ feed: ChangeFeed) {
    guard feeds.removeValue(forKey: ObjectIdentifier(feed)) != nil, let attendance = feed.attendance else { return }
    gateway.attendances.remove(attendance)
  }

  /// Ends all feeds, and takes no new ones.
  func drain() {
    isDraining = true
    for feed in Array(feeds.values) { feed.drain() }
  }

  // MARK: News

  /// Something of a document was stored by this server.
  func stored(_ name: DocumentName) {
    guard !feeds.isEmpty, scheduled.insert(name).inserted else { return }
    // Who types stores many times a second.
    gateway.loop.schedule(after: configuration.interval) { [weak self] in
      guard let self else { return }
      scheduled.remove(name)
      for feed in Array(feeds.values) where feed.name == name { feed.stored() }
    }
  }

  /// Once a second: others may have stored something.
  func tick() {
    guard !feeds.isEmpty else { return }
    let heartbeat = Milliseconds(configuration.heartbeat.wholeMilliseconds)
    for feed in Array(feeds.values) { feed.tick(now: gateway.loop.now, heartbeat: heartbeat) }
    guard !isLooking, !feeds.isEmpty else { return }
    isLooking = true
    let waiting = Confined(self)
    gateway.store.readLogEnds(Set(feeds.values.map(\.name)).sorted { $0.workflowID < $1.workflowID }) {
      [loop = gateway.loop] result in
      loop.execute { waiting.value.looked((try? result.get()) ?? [:]) }
    }
  }

  private func looked(_ ends: [DocumentName: LogEnd]) {
    isLooking = false
    for feed in Array(feeds.values) {
      if let end = ends[feed.name], feed.isBehind(end.incarnation, end.sequence) { feed.stored() }
    }
  }

  // MARK: Reading

  /// What is behind a position. Several feeds at one place are answered by one look.
  func read(_ position: FeedPosition, for feed: ChangeFeed) {
    let place = Place(name: feed.name, position: position)
    reads[place, default: []].append(feed)
    guard reads[place]?.count == 1 else { return }
    let (waiting, worker, loop) = (Confined(self), gateway.worker, gateway.loop)
    gateway.store.readLogSection(feed.name, from: position.sequence, limit: Self.pageSize) { result in
      worker.async {
        let outcome = Outcome(result, position)
        loop.execute { waiting.value.finish(place, outcome) }
      }
    }
  }

  private func finish(_ place: Place, _ outcome: Outcome) {
    for feed in reads.removeValue(forKey: place) ?? [] {
      switch outcome {
      case .list(let list): feed.received(list)
      case .lost(let failure): feed.lost(failure)
      case .failed(let response): feed.failed(response)
      }
    }
  }

  /// Where the document is now, for who begins there or has to begin anew.
  func findPosition(for feed: ChangeFeed, isReset: Bool = false) {
    CurrentDocument.read(feed.name, gateway) { reply in
      guard case .live(let workflow) = reply else { return feed.failed(WorkflowRoutes.response(to: reply)) }
      guard let version = workflow.version else {
        return feed.failed(ErrorBody.response(503, "the database cannot be reached"))
      }
      feed.found(version, isReset: isReset)
    }
  }

  private enum Outcome: Sendable {
    case list(ChangeList)
    case lost(PreconditionFailure)
    case failed(HTTPResponse)

    init(_ result: Result<LogSection?, StoreError>, _ position: FeedPosition) {
      do {
        guard let section = try result.get() else { throw PreconditionFailure("the document is gone") }
        self = .list(try ChangeList(section, from: position))
      } catch let failure as PreconditionFailure {
        self = .lost(failure)
      } catch let error as StoreError {
        self = .failed(ErrorBody.response(503, "\(error)"))
      } catch {
        self = .failed(WorkflowRoutes.error(422, "\(error)", type: "deserialization_error"))
      }
    }
  }
}
