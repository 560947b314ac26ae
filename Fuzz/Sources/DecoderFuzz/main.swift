import CLibFuzzer

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The seconds of processor time that one input may take. libFuzzer's own limit is one of the clock, which a crowded
/// machine reaches without fault; it is left to true hangs.
let mostSeconds = 5.0

/// What libFuzzer calls with every input; a broken law is a crash, so that it keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let start = clock()
  do {
    try DecoderLaw.check(Array(UnsafeBufferPointer(start: bytes, count: size)))
  } catch {
    fatalError("\(error)")
  }
  let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
  if seconds > mostSeconds { fatalError("The input took \(seconds) s of processor time") }
  return 0
}

// The package manager makes this file the program's main, so that it has to call that of libFuzzer.
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments, testOneInput))
