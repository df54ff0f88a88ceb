/// Writes the primitives of the Yjs formats into one growing buffer.
struct ByteWriter: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 32) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  deinit {
    base.deallocate()
  }

  /// A copy of what was written.
  var bytes: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Forgets what was written and keeps the memory, unless it is much.
  mutating func reset() {
    count = 0
    guard capacity > 1 << 16 else { return }
    base.deallocate()
    capacity = 32
    base = .allocate(capacity: capacity)
  }

  /// Makes room, so that the next `length` bytes are written without growing.
  @inline(__always) mutating func reserve(_ length: Int) {
    if count &+ length > capacity { grow(to: count + length) }
  }

  @inline(never) private mutating func grow(to needed: Int) {
    let newCapacity = max(needed, capacity * 2)
    let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
    grown.update(from: base, count: count)
    base.deallocate()
    base = grown
    capacity = newCapacity
  }

  @inline(__always) mutating func byte(_ value: UInt8) {
    reserve(1)
    base[count] = value
    count &+= 1
  }

  @inline(__always) mutating func varUInt(_ value: UInt64) {
    reserve(10)
    var value = value
    while value >= 0x80 {
      base[count] = UInt8(truncatingIfNeeded: value) | 0x80
      count &+= 1
      value >>= 7
    }
    base[count] = UInt8(truncatingIfNeeded: value)
    count &+= 1
  }

  @inline(__always) mutating func varUInt(_ value: Int) {
    varUInt(UInt64(value))
  }

  mutating func varInt(magnitude: UInt64, isNegative: Bool) {
    var rest = magnitude >> 6
    byte(UInt8(magnitude & 0x3F) | (isNegative ? 0x40 : 0) | (rest > 0 ? 0x80 : 0))
    while rest > 0 {
      byte(UInt8(rest & 0x7F) | (rest >= 0x80 ? 0x80 : 0))
      rest >>= 7
    }
  }

  @inline(__always) mutating func raw(_ source: UnsafeBufferPointer<UInt8>) {
    guard let start = source.baseAddress else { return }
    reserve(source.count)
    (base + count).update(from: start, count: source.count)
    count &+= source.count
  }

  mutating func raw(_ source: [UInt8]) {
    source.withUnsafeBufferPointer { raw($0) }
  }

  /// Length and bytes: the form of strings and of byte arrays.
  @inline(__always) mutating func prefixed(_ source: UnsafeBufferPointer<UInt8>) {
    varUInt(source.count)
    raw(source)
  }

  mutating func string(_ value: String) {
    var value = value
    value.withUTF8 { prefixed($0) }
  }

  mutating func bigEndian<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.bigEndian) { source in source.forEach { byte($0) } }
  }

  /// Runs `body` with what was written.
  func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    body(UnsafeBufferPointer(start: base, count: count))
  }
}
