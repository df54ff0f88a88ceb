/// A closure that C carries around.
final class Closure {
  let body: () -> Void

  init(_ body: @escaping () -> Void) {
    self.body = body
  }

  static func call(once raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let raw { Unmanaged<Closure>.fromOpaque(raw).takeRetainedValue().body() }
    return nil
  }
}
