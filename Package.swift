// swift-tools-version: 6.2
import PackageDescription

// Traits, both off by default, so that the core builds with no system library:
//   MPI    the MPI transport (Open MPI, or MPICH where the environment says LAMINA_MPI=mpich; found by pkg-config)
//   Torch  the networks of NeuralNetworks (LibTorch) and PNG files (libpng)

let numerics: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")
let mpi: BuildSettingCondition = .when(traits: ["MPI"])
let mpich = Context.environment["LAMINA_MPI"] == "mpich"
let torch: BuildSettingCondition = .when(traits: ["Torch"])
let linux: BuildSettingCondition = .when(platforms: [.linux])

let package = Package(
  name: "lamina",
  platforms: [.macOS(.v15), .iOS(.v18)],
  products: [
    .library(name: "Lamina", targets: ["Lamina"]),
    .library(name: "MPICollectives", targets: ["MPICollectives"]),
    .library(name: "LaminaABI", type: .dynamic, targets: ["LaminaABI"]),
    .executable(name: "lamina", targets: ["LaminaCLI"]),
  ],
  traits: [
    .trait(name: "MPI", description: "The MPI transport."),
    .trait(name: "Torch", description: "Networks on LibTorch, images through libpng."),
    .default(enabledTraits: []),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    // MARK: Level 0
    .target(name: "CLaminaKernels"),

    // MARK: Level 1
    .target(
      name: "LaminaNumerics", dependencies: ["CLaminaKernels", numerics],
      linkerSettings: [.linkedLibrary("m", linux)]),

    // MARK: Level 2
    .target(name: "Quantization", dependencies: ["LaminaNumerics", "CLaminaKernels", numerics]),
    .target(name: "EntropyCoding", dependencies: ["LaminaNumerics", "CLaminaKernels", numerics]),
    .target(name: "Collectives"),
    .target(name: "VariationalInequalities", dependencies: ["LaminaNumerics"]),

    // MARK: Level 3
    .target(name: "WireFormat", dependencies: ["Quantization", "EntropyCoding"]),
    .systemLibrary(
      name: "CMPI", pkgConfig: mpich ? "mpich" : "ompi-c",
      providers: [.apt([mpich ? "libmpich-dev" : "libopenmpi-dev"])]),
    .target(
      name: "CMPIShims", dependencies: [.target(name: "CMPI", condition: .when(traits: ["MPI"]))],
      cSettings: [.define("LAMINA_MPI", mpi)]),
    .target(name: "MPICollectives", dependencies: ["Collectives", "CMPIShims"]),

    // MARK: Level 4
    .target(
      name: "GradientExchange",
      dependencies: [
        "WireFormat", "Collectives", "Quantization", "EntropyCoding", "LaminaNumerics", "CLaminaKernels",
      ]),

    // MARK: Level 5
    .target(name: "DistributedVI", dependencies: ["VariationalInequalities", "GradientExchange"]),
    .target(
      name: "CTorchShims",
      cxxSettings: [.define("LAMINA_TORCH", torch)],
      linkerSettings: [
        .linkedLibrary("torch_cpu", torch), .linkedLibrary("c10", torch),
      ]),
    .target(
      name: "CPNGShims",
      cSettings: [.define("LAMINA_PNG", torch)],
      linkerSettings: [.linkedLibrary("png16", torch)]),
    .target(
      name: "NeuralNetworks",
      dependencies: ["CTorchShims", "CPNGShims", "VariationalInequalities", "LaminaNumerics"]),

    // MARK: Level 6
    .target(
      name: "Experiments",
      dependencies: [
        "DistributedVI", "NeuralNetworks", "Collectives", "GradientExchange", "VariationalInequalities",
        "EntropyCoding",
      ]),

    .target(
      name: "Benchmarks",
      dependencies: [
        "GradientExchange", "WireFormat", "Quantization", "EntropyCoding", "LaminaNumerics", "CLaminaKernels",
      ]),

    .target(name: "CLamina"),
    .target(
      name: "LaminaABI", dependencies: ["CLamina", "GradientExchange", "WireFormat", "Quantization", "LaminaNumerics"]),

    .target(
      name: "Lamina",
      dependencies: [
        "LaminaNumerics", "Quantization", "EntropyCoding", "Collectives", "VariationalInequalities", "WireFormat",
        "GradientExchange", "DistributedVI",
      ]),

    // MARK: Level 7
    .executableTarget(
      name: "LaminaCLI",
      dependencies: [
        "Benchmarks", "Experiments", "MPICollectives", "NeuralNetworks", "Lamina",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: Tests
    .target(
      name: "TestSupport", dependencies: ["LaminaNumerics", "Quantization", "EntropyCoding", "Collectives"],
      path: "Tests/TestSupport"),
    .testTarget(name: "LaminaNumericsTests", dependencies: ["LaminaNumerics", "TestSupport"]),
    .testTarget(name: "QuantizationTests", dependencies: ["Quantization", "TestSupport"]),
    .testTarget(name: "EntropyCodingTests", dependencies: ["EntropyCoding", "TestSupport"]),
    .testTarget(name: "CollectivesTests", dependencies: ["Collectives", "TestSupport"]),
    .testTarget(
      name: "VariationalInequalitiesTests", dependencies: ["VariationalInequalities", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "WireFormatTests", dependencies: ["WireFormat", "TestSupport"], exclude: ["Golden", "Regressions"]),
    .testTarget(name: "MPICollectivesTests", dependencies: ["MPICollectives", "Collectives"]),
    // Started by a launcher of MPI, hence no test target: see scripts/test-mpi.sh.
    .executableTarget(
      name: "MPILaws", dependencies: ["MPICollectives", "Collectives", "TestSupport"], path: "Tests/MPILaws"),
    .testTarget(name: "GradientExchangeTests", dependencies: ["GradientExchange", "TestSupport"]),
    .testTarget(
      name: "AcceptanceTests", dependencies: ["Lamina", "TestSupport"]),
    .testTarget(name: "NeuralNetworksTests", dependencies: ["NeuralNetworks", "TestSupport"]),
    .testTarget(name: "ExperimentsTests", dependencies: ["Experiments", "Lamina", "Collectives"]),
    .testTarget(name: "BenchmarksTests", dependencies: ["Benchmarks", "LaminaNumerics"]),
    .testTarget(name: "LaminaCLITests", dependencies: ["LaminaCLI"]),
  ],
  swiftLanguageModes: [.v6]
)
