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
    write(upTo: 12) { target in
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
struct Spelling {
  let value: UInt64
  fileprivate var word: UInt64 = 0
  fileprivate var length = 1

  /// Of a number up to 2^53 - 1.
  init(_ value: UInt64) {
    assert(value <= ByteReader.maxNumber)
    self.value = value
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

  /// Writes a number with a sign where there is room for twelve bytes.
  @inline(__always) mutating func putVarInt(magnitude: UInt64, isNegative: Bool) {
    let first = UInt8(truncatingIfNeeded: magnitude & 0x3F) | (isNegative ? 0x40 : 0)
    guard magnitude >= 0x40 else { return put(first) }
    put(first | 0x80)
    putVarUIntQuickly(magnitude &>> 6)
  }

  /// Writes a number with a sign where there is room for twelve bytes. One of up to four bytes is written whole, without a
  /// branch on its length: of numbers that vary, no length can be predicted.
  @inline(__always) mutating func putVarIntQuickly(magnitude: UInt64, isNegative: Bool) {
    guard magnitude < 1 << 27 else { return putVarInt(magnitude: magnitude, isNegative: isNegative) }
    let spread =
      magnitude & 0x3F | (isNegative ? 0x40 : 0) | (magnitude & 0x1FC0) &<< 2 | (magnitude & 0xF_E000) &<< 3
      | (magnitude & 0x7F0_0000) &<< 4
    let bits = 64 &- (magnitude | 1).leadingZeroBitCount
    let length = ((bits &+ 7) &* 37) &>> 8
    let continued: UInt64 = 0x80_8080 & (1 &<< UInt64(truncatingIfNeeded: length &* 8 &- 8) &- 1)
    UnsafeMutableRawPointer(self).storeBytes(
      of: UInt32(truncatingIfNeeded: spread | continued).littleEndian, as: UInt32.self)
    self += length
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
