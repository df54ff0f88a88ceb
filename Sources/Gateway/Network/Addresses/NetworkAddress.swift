import Glibc

/// An IPv4 or IPv6 address, without a port.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
  /// In the order of the network; an IPv4 address as IPv6 maps it (`::ffff:192.0.2.1`).
  let high, low: UInt64

  private static let mappedPrefix: UInt64 = 0xFFFF_0000_0000

  init(high: UInt64, low: UInt64) {
    (self.high, self.low) = (high, low)
  }

  /// Sixteen bytes in the order of the network.
  init(bytes: UnsafeRawBufferPointer) {
    let halves = (0..<2).map { half in
      (0..<8).reduce(UInt64(0)) { $0 << 8 | UInt64(half * 8 + $1 < bytes.count ? bytes[half * 8 + $1] : 0) }
    }
    self.init(high: halves[0], low: halves[1])
  }

  /// Reads "192.0.2.1" and "2001:db8::1", also in brackets; no names.
  public init?(_ text: some StringProtocol) {
    var text = String(text)
    if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(high: 0, low: Self.mappedPrefix | UInt64(UInt32(bigEndian: four.s_addr)))
      return
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    self = withUnsafeBytes(of: six) { NetworkAddress(bytes: $0) }
  }

  /// Whether it is an address of IPv4.
  public var isIPv4: Bool { high == 0 && low >> 32 == Self.mappedPrefix >> 32 }

  /// Whether it is this machine's own.
  public var isLoopback: Bool { isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1 }

  /// Whom limits count: of IPv6 all that one customer has, which is a network of 64 bits at the least.
  var customer: NetworkAddress { isIPv4 ? self : NetworkAddress(high: high, low: 0) }

  public var description: String {
    guard !isIPv4 else { return (0..<4).map { String(low >> (24 - 8 * $0) & 0xFF) }.joined(separator: ".") }
    var six = in6_addr()
    withUnsafeMutableBytes(of: &six) { bytes in
      for index in 0..<16 {
        bytes[index] = UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> (56 - 8 * (index & 7)))
      }
    }
    return addressText { inet_ntop(AF_INET6, &six, $0, socklen_t($1)) }
  }
}

/// Reads an address that C writes into a buffer.
private func addressText(_ write: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
    guard let start = buffer.baseAddress else { return "" }
    write(start, buffer.count)
    return String(cString: start)
  }
}
