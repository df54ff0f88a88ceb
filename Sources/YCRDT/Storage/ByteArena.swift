/// Where the bytes of all contents lie: text as UTF-8, everything else as it came over the wire.
///
/// Bytes are only ever appended; what nobody refers to any more is counted as waste, and the owner compacts when
/// waste prevails.
struct ByteArena: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private(set) var count: Int
  private(set) var capacity: Int
  /// How many of `count` bytes nobody refers to.
  var waste = 0

  /// So many bytes can be read from any offset on, whatever they are.
  static let slack = 64

  init(minimumCapacity: Int = 0) {
    base = .allocate(capacity: minimumCapacity + Self.slack)
    capacity = minimumCapacity
    count = 0
  }

  init(copying other: borrowing ByteArena) {
    self.init(minimumCapacity: other.count)
    base.initialize(from: other.base, count: other.count)
    count = other.count
    waste = other.waste
  }

  deinit {
    base.deallocate()
  }

  @inline(__always) func pointer(_ offset: UInt32) -> UnsafePointer<UInt8> {
    assert(Int(offset) <= count, "byte arena offset out of bounds")
    return UnsafePointer(base + Int(offset))
  }

  func bytes(_ offset: UInt32, _ length: UInt32) -> UnsafeBufferPointer<UInt8> {
    assert(Int(offset) + Int(length) <= count, "byte arena range out of bounds")
    return UnsafeBufferPointer(start: base + Int(offset), count: Int(length))
  }

  /// Copies bytes from outside to the end and returns their offset. `room` bytes are reserved beyond them.
  @inline(__always) mutating func append(_ source: UnsafePointer<UInt8>, _ length: Int, room: Int = 0) -> UInt32 {
    let offset = take(length + room)
    (base + Int(offset)).update(from: source, count: length)
    return offset
  }

  /// Copies bytes of the arena itself to its end.
  mutating func duplicate(_ offset: UInt32, _ length: UInt32, room: Int = 0) -> UInt32 {
    let target = take(Int(length) + room)
    (base + Int(target)).update(from: base + Int(offset), count: Int(length))
    return target
  }

  /// Makes room for `length` more bytes at once.
  mutating func reserve(_ length: Int) {
    if count + length > capacity { grow(to: count + length) }
  }

  /// Adds `length` more bytes behind the last content.
  @inline(__always) mutating func extend(by length: Int) {
    _ = take(length)
  }

  /// Overwrites reserved or existing bytes.
  @inline(__always) func write(_ source: UnsafePointer<UInt8>, _ length: Int, at offset: UInt32) {
    assert(Int(offset) + length <= count, "byte arena write out of bounds")
    (base + Int(offset)).update(from: source, count: length)
  }

  /// Copies `length` bytes inside the arena.
  func move(_ source: UInt32, _ length: UInt32, to target: UInt32) {
    assert(Int(source) + Int(length) <= count && Int(target) + Int(length) <= count)
    (base + Int(target)).update(from: base + Int(source), count: Int(length))
  }

  @inline(__always) private mutating func take(_ length: Int) -> UInt32 {
    if count + length > capacity { grow(to: count + length) }
    let offset = UInt32(count)
    count &+= length
    return offset
  }

  @inline(never) private mutating func grow(to needed: Int) {
    let newCapacity = Swift.max(needed, capacity + capacity / 2, 64)
    let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity + Self.slack)
    grown.update(from: base, count: count)
    base.deallocate()
    base = grown
    capacity = newCapacity
  }
}
