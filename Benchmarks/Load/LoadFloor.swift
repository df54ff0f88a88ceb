import Glibc

/// What the machine can do: what a server's figures are to be held against.
enum LoadFloor {
  static func measure() -> [String] {
    [sends(bytes: 30, frames: 1), sends(bytes: 30, frames: 50), syncs()]
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

  /// What it takes until the disk has a small write.
  private static func syncs() -> String {
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
    let middle = Figures.milliseconds(Figures.percentile(&times, 0.5))
    return "fdatasync of 8 KiB: p50 \(middle) ms, p99 \(Figures.milliseconds(Figures.percentile(&times, 0.99))) ms"
  }
}
