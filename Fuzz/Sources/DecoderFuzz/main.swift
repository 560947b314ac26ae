import CLibFuzzer

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What libFuzzer calls with every input; a broken law is a crash, so that it keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  do {
    try DecoderLaw.check(Array(UnsafeBufferPointer(start: start, count: size)))
  } catch {
    fatalError("\(error)")
  }
  return 0
}

// The package manager makes this file the program's main, so that it has to call that of libFuzzer.
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments, testOneInput))
