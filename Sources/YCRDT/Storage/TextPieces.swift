/// Texts of an arena put one behind the other: many short ones are copied faster than each is looked at on its own.
///
/// They are copied in blocks of one size, so that the processor need not guess how long each is.
struct TextPieces: ~Copyable {
  static let capacity = 4096

  private let base = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + ByteArena.slack + 1)
  private var count = 0

  deinit {
    base.deallocate()
  }

  /// How many bytes can be added.
  @inline(__always) var room: Int { Self.capacity &- count }

  /// The pieces so far. As behind those of an arena there is more to read.
  var text: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  /// Adds a piece of an arena, for which there is room.
  @inline(__always) mutating func add(_ piece: UnsafePointer<UInt8>, _ length: Int) {
    assert(length <= room, "more than there is room for")
    // Sound: both an arena and this buffer have slack for a whole block behind every byte that counts.
    var end = base + count
    end.putQuickly(piece, length)
    count &+= length
  }

  mutating func removeAll() {
    count = 0
  }

  /// Begins to load what will soon be needed. The byte is kept where nobody looks, or the compiler would not load it.
  @inline(__always) func approach(_ memory: UnsafeRawPointer) {
    base[Self.capacity + ByteArena.slack] = memory.load(as: UInt8.self)
  }
}
