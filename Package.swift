// swift-tools-version: 6.2
import PackageDescription

// Traits, both off by default, so that the core builds with no system library:
//   MPI    the MPI transport (Open MPI or MPICH headers and libraries)
//   Torch  the networks of NeuralNetworks (LibTorch) and PNG files (libpng)

let numerics: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")
let torch: BuildSettingCondition = .when(traits: ["Torch"])
let linux: BuildSettingCondition = .when(platforms: [.linux])

let package = Package(
  name: "lamina",
  platforms: [.macOS(.v15), .iOS(.v18)],
  products: [
    .library(name: "Lamina", targets: ["Lamina"]),
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
    .target(name: "LaminaNumerics", dependencies: [numerics], linkerSettings: [.linkedLibrary("m", linux)]),

    // MARK: Level 2
    .target(name: "Quantization", dependencies: ["LaminaNumerics", "CLaminaKernels", numerics]),
    .target(name: "EntropyCoding", dependencies: ["LaminaNumerics", "CLaminaKernels", numerics]),
    .target(name: "Collectives"),
    .target(name: "VariationalInequalities", dependencies: ["LaminaNumerics"]),

    // MARK: Level 3
    .target(name: "WireFormat", dependencies: ["Quantization", "EntropyCoding"]),

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
      name: "Lamina",
      dependencies: [
        "LaminaNumerics", "Quantization", "EntropyCoding", "Collectives", "VariationalInequalities", "WireFormat",
        "GradientExchange", "DistributedVI",
      ]),

    // MARK: Level 7
    .executableTarget(
      name: "LaminaCLI",
      dependencies: [
        "Experiments", "NeuralNetworks", "Lamina",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: Tests
    .target(
      name: "TestSupport", dependencies: ["LaminaNumerics", "Quantization", "EntropyCoding"], path: "Tests/TestSupport"),
    .testTarget(name: "LaminaNumericsTests", dependencies: ["LaminaNumerics", "TestSupport"]),
    .testTarget(name: "QuantizationTests", dependencies: ["Quantization", "TestSupport"]),
    .testTarget(name: "EntropyCodingTests", dependencies: ["EntropyCoding", "TestSupport"]),
    .testTarget(name: "CollectivesTests", dependencies: ["Collectives"]),
    .testTarget(name: "VariationalInequalitiesTests", dependencies: ["VariationalInequalities", "TestSupport"]),
    .testTarget(
      name: "WireFormatTests", dependencies: ["WireFormat", "TestSupport"], exclude: ["Golden"]),
    .testTarget(name: "GradientExchangeTests", dependencies: ["GradientExchange", "TestSupport"]),
    .testTarget(
      name: "AcceptanceTests", dependencies: ["Lamina", "TestSupport"]),
    .testTarget(name: "NeuralNetworksTests", dependencies: ["NeuralNetworks", "TestSupport"]),
    .testTarget(name: "ExperimentsTests", dependencies: ["Experiments", "Lamina"]),
    .testTarget(name: "LaminaCLITests", dependencies: ["LaminaCLI"]),
  ],
  swiftLanguageModes: [.v6]
)
