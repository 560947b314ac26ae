// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that no build of the other one knows of it. Its modules are the other package's folders:
// as targets of this package they share their `package` symbols with the fuzzer, and nothing else is built.

let numerics: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")

let package = Package(
  name: "lamina-fuzz",
  dependencies: [.package(url: "https://github.com/apple/swift-numerics", from: "1.1.0")],
  targets: [
    .target(name: "CLaminaKernels", path: "Modules/CLaminaKernels"),
    .target(
      name: "LaminaNumerics", dependencies: ["CLaminaKernels", numerics], path: "Modules/LaminaNumerics",
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(
      name: "Quantization", dependencies: ["LaminaNumerics", "CLaminaKernels", numerics], path: "Modules/Quantization"),
    .target(
      name: "EntropyCoding", dependencies: ["LaminaNumerics", "CLaminaKernels", numerics],
      path: "Modules/EntropyCoding"),
    .target(name: "WireFormat", dependencies: ["Quantization", "EntropyCoding"], path: "Modules/WireFormat"),
    .systemLibrary(name: "CLibFuzzer"),
    .executableTarget(
      name: "DecoderFuzz",
      dependencies: ["CLibFuzzer", "WireFormat", "Quantization", "EntropyCoding", "LaminaNumerics"]),
  ],
  swiftLanguageModes: [.v6]
)
