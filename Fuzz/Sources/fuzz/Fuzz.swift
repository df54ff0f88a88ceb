import FuzzTargets
import Glibc

/// The target that `HEDDLE_FUZZ_TARGET` names; `make fuzz` sets it, and the processes that libFuzzer starts inherit it.
private let target: FuzzTarget = {
  let name = getenv("HEDDLE_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    fatalError("set HEDDLE_FUZZ_TARGET to one of \(FuzzTarget.allCases.map(\.rawValue))")
  }
  return target
}()

typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The entry point: SwiftPM links an executable's `main` to the symbol of this name.
@_cdecl("fuzz_main")
func run(_ count: CInt, _ arguments: Arguments) -> CInt {
  var count = count
  var arguments = arguments
  return runDriver(&count, &arguments) { start, count in
    do {
      try target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
      fatalError("\(error)")
    }
    return 0
  }
}
