/// Writes the primitives of the Yjs formats into one growing buffer.
struct ByteWriter: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int
  /// Whether the memory is the writer's own.
  private var ownsMemory = true

  init(capacity: Int = 32) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  private init(into buffer: UnsafeMutableBufferPointer<UInt8>) {
    capacity = buffer.count
    base = buffer.baseAddress ?? UnsafeMutablePointer(bitPattern: 1).unsafelyUnwrapped
    ownsMemory = false
  }

  deinit {
    if ownsMemory { base.deallocate() }
  }

  /// What `body` writes, written into the result itself unless there is more than expected.
  static func array(expecting length: Int, _ body: (inout ByteWriter) -> Void) -> [UInt8] {
    var longer: [UInt8]?
    let array = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      var writer = ByteWriter(into: buffer)
      body(&writer)
      if writer.ownsMemory { longer = writer.bytes } else { count = writer.count }
    }
    return longer ?? array
  }

  /// A copy of what was written.
  var bytes: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Forgets what was written and keeps the memory, unless it is much.
  mutating func reset() {
    count = 0
    guard ownsMemory, capacity > 1 << 16 else { return }
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
    if ownsMemory { base.deallocate() }
    base = grown
    capacity = newCapacity
    ownsMemory = true
  }

  /// Makes room for `length` bytes, which `body` writes through a pointer; it returns the pointer behind the last one.
  @inline(__always)
  mutating func write(
    upTo length: Int, _ body: (UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8>
  ) {
    reserve(length)
    count = body(base + count) - base
    assert(count <= capacity, "more was written than announced")
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

  /// The length of a number's encoding.
  static func length(_ value: UInt64) -> Int { (64 - (value | 1).leadingZeroBitCount + 6) / 7 }

  @inline(__always) mutating func varUInt(_ value: Int) {
    varUInt(UInt64(value))
  }

  mutating func varInt(magnitude: UInt64, isNegative: Bool) {
    write(upTo: 8) { target in
      var end = target
      end.putVarInt(magnitude: magnitude, isNegative: isNegative)
      return end
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

/// A number and how it is spelled, for one that is written again and again.
struct Spelling: BitwiseCopyable {
  fileprivate var word: UInt64 = 0
  fileprivate var length = 1

  /// Of a number up to 2^53 - 1.
  init(_ value: UInt64) {
    assert(value <= ByteReader.maxNumber)
    length = ByteWriter.length(value)
    for index in 0..<length {
      let bits = (value >> UInt64(index * 7)) & 0x7F | (index < length - 1 ? 0x80 : 0)
      word |= bits << UInt64(index * 8)
    }
  }
}

/// Writing behind a pointer where there is room.
extension UnsafeMutablePointer<UInt8> {
  @inline(__always) mutating func put(_ byte: UInt8) {
    pointee = byte
    self += 1
  }

  @inline(__always) mutating func putVarUInt(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      put(UInt8(truncatingIfNeeded: value) | 0x80)
      value &>>= 7
    }
    put(UInt8(truncatingIfNeeded: value))
  }

  /// Writes a number where there is room for four bytes. Which of the usual lengths it has is mostly predicted, so that
  /// nothing waits for it.
  @inline(__always) mutating func putVarUIntQuickly(_ value: UInt64) {
    if value < 1 << 7 {
      put(UInt8(truncatingIfNeeded: value))
    } else if value < 1 << 14 {
      let spread = value & 0x7F | (value & 0x3F80) &<< 1 | 0x80
      UnsafeMutableRawPointer(self).storeBytes(of: UInt16(truncatingIfNeeded: spread).littleEndian, as: UInt16.self)
      self += 2
    } else if value < 1 << 21 {
      let spread = value & 0x7F | (value & 0x3F80) &<< 1 | (value & 0x1F_C000) &<< 2 | 0x8080
      UnsafeMutableRawPointer(self).storeBytes(of: UInt32(truncatingIfNeeded: spread).littleEndian, as: UInt32.self)
      self += 3
    } else {
      putVarUInt(value)
    }
  }

  /// Writes a number where there is room for eight bytes.
  @inline(__always) mutating func put(_ number: Spelling) {
    UnsafeMutableRawPointer(self).storeBytes(of: number.word.littleEndian, as: UInt64.self)
    self += number.length
  }

  /// Writes a number with a sign, less than 2^55, where there is room for eight bytes: all at once and without a branch,
  /// because the lengths of numbers that vary cannot be predicted.
  @inline(__always) mutating func putVarInt(magnitude: UInt64, isNegative: Bool) {
    assert(magnitude < 1 << 55)
    // Six bits and the sign, then groups of seven, which are moved apart by halves.
    let signed = magnitude & 0x3F | (isNegative ? 0x40 : 0) | (magnitude & ~0x3F) &<< 1
    let halves = signed & 0x0FFF_FFFF | (signed & 0x00FF_FFFF_F000_0000) &<< 4
    let quarters = halves & 0x0000_3FFF_0000_3FFF | (halves & 0x0FFF_C000_0FFF_C000) &<< 2
    let spread = quarters & 0x007F_007F_007F_007F | (quarters & 0x3F80_3F80_3F80_3F80) &<< 1
    // A seventh, rounded down, of the place of the highest bit.
    let further = UInt64(truncatingIfNeeded: (63 &- (signed | 1).leadingZeroBitCount) &* 37) &>> 8
    let continued: UInt64 = 0x0080_8080_8080_8080 &>> (56 &- 8 &* further)
    UnsafeMutableRawPointer(self).storeBytes(of: (spread | continued).littleEndian, as: UInt64.self)
    self += Int(truncatingIfNeeded: further) &+ 1
  }

  /// Copies bytes, up to 64 in one go, where so many can be read and written.
  @inline(__always) mutating func putQuickly(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    if count <= 64 {
      let words = UnsafeRawPointer(bytes).loadUnaligned(as: SIMD8<UInt64>.self)
      UnsafeMutableRawPointer(self).storeBytes(of: words, as: SIMD8<UInt64>.self)
    } else {
      update(from: bytes, count: count)
    }
    self += count
  }
}
