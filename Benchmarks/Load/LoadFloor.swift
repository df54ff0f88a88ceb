import CEpoll
import Foundation

/// What the machine can do: what a server's figures are to be held against.
enum LoadFloor {
  static func measure() -> [String] {
    [
      sends(bytes: 30, frames: 1), sends(bytes: 30, frames: 50), wakes(readers: 200),
      "fdatasync of 8 KiB: p50 / p99 \(syncs()) ms",
    ]
  }

  /// The kernel's send to a socket of this machine, whose other end is read now and then.
  private static func sends(bytes: Int, frames: Int) -> String {
    guard let pair = loopback() else { return "no loopback" }
    let ends = [pair.0, pair.1]
    defer { for end in ends { close(end) } }
    let payload = [UInt8](repeating: 1, count: bytes * frames)
    var sink = [UInt8](repeating: 0, count: 1 << 18)
    let count = 200_000 / frames
    var time = 0.0
    for number in 0..<count {
      let begin = Clock.now
      _ = send(ends[0], payload, payload.count, 0)
      time += Clock.now - begin
      if number % 64 == 63 { while recv(ends[1], &sink, sink.count, Int32(MSG_DONTWAIT)) > 0 {} }
    }
    let each = time / Double(count * frames) * 1e6
    return "\(frames) frames of \(bytes) bytes in one send: \(Figures.rounded(each, 3)) µs a frame, "
      + "\(Figures.count(1e6 / each)) a second on one core"
  }

  /// The same to many sockets in turn, all of which one thread sleeps on, as the readers of a document do.
  private static func wakes(readers: Int) -> String {
    let pairs = (0..<readers).compactMap { _ in loopback() }
    let poll = epoll_create1(0)
    defer {
      for pair in pairs {
        close(pair.0)
        close(pair.1)
      }
      close(poll)
    }
    for pair in pairs {
      var event = epoll_event()
      event.events = EPOLLIN.rawValue
      event.data.fd = pair.1
      epoll_ctl(poll, EPOLL_CTL_ADD, pair.1, &event)
    }
    let rounds = 100
    let reader = Thread { read(poll, frames: rounds * pairs.count) }
    reader.start()
    let payload = [UInt8](repeating: 1, count: 30)
    var time = 0.0
    for _ in 0..<rounds {
      usleep(10_000)
      let begin = Clock.now
      for pair in pairs { _ = send(pair.0, payload, payload.count, 0) }
      time += Clock.now - begin
    }
    while !reader.isFinished { usleep(1000) }
    let each = time / Double(rounds * pairs.count) * 1e6
    return "a frame of 30 bytes to each of \(readers) readers that sleep: \(Figures.rounded(each, 2)) µs a frame"
  }

  private static func read(_ poll: Int32, frames: Int) {
    var events = [epoll_event](repeating: epoll_event(), count: 64)
    var (sink, rest) = ([UInt8](repeating: 0, count: 4096), frames * 30)
    while rest > 0 {
      let count = epoll_wait(poll, &events, Int32(events.count), 1000)
      guard count > 0 else { return }
      for event in events[..<Int(count)] { rest -= max(0, recv(event.data.fd, &sink, sink.count, Int32(MSG_DONTWAIT))) }
    }
  }

  private static func loopback() -> (Int32, Int32)? {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(listener, address, length) == 0, listen(listener, 1) == 0 else { return nil }
        getsockname(listener, address, &length)
        let one = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard connect(one, address, length) == 0 else { return nil }
        return (one, accept(listener, nil, nil))
      }
    }
  }

  /// What it takes until the disk has a small write: the 50th and the 99th percentile in milliseconds.
  static func syncs() -> String {
    let path = "/tmp/heddle-load-sync-\(getpid())"
    let file = open(path, O_CREAT | O_RDWR, 0o600)
    defer {
      close(file)
      unlink(path)
    }
    let block = [UInt8](repeating: 1, count: 8192)
    var times = (0..<300).map { number in
      let begin = Clock.now
      pwrite(file, block, block.count, off_t(number * block.count))
      fdatasync(file)
      return Clock.now - begin
    }
    return [0.5, 0.99].map { Figures.milliseconds(Figures.percentile(&times, $0)) }.joined(separator: " / ")
  }
}
