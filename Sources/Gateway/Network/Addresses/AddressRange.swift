/// A network: all addresses that begin with the same bits.
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
  private let base: NetworkAddress
  /// Of 128 bits; those of IPv4 begin at 96.
  private let bits: Int

  /// Reads "10.0.0.0/8", "2001:db8::/32", or a single address.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let address = NetworkAddress(parts[0]) else { return nil }
    let longest = address.isIPv4 ? 32 : 128
    var length = longest
    if parts.count == 2 {
      guard let given = Int(parts[1]), (0...longest).contains(given) else { return nil }
      length = given
    }
    bits = 128 - longest + length
    base = Self.masked(address, bits)
  }

  /// This machine's own addresses.
  public static let loopback: [AddressRange] = ["127.0.0.0/8", "::1"].compactMap { AddressRange($0) }

  /// Whether an address is in it.
  public func contains(_ address: NetworkAddress) -> Bool {
    address.isIPv4 == base.isIPv4 && Self.masked(address, bits) == base
  }

  private static func masked(_ address: NetworkAddress, _ bits: Int) -> NetworkAddress {
    func mask(_ count: Int) -> UInt64 { count <= 0 ? 0 : count >= 64 ? .max : ~(UInt64.max >> UInt64(count)) }
    return NetworkAddress(high: address.high & mask(bits), low: address.low & mask(bits - 64))
  }

  public var description: String { "\(base)/\(base.isIPv4 ? bits - 96 : bits)" }
}
