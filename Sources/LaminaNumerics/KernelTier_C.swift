package import CLaminaKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An instruction set that kernels are written for; all write the same bytes.
package enum KernelTier: String, CaseIterable, Sendable {
  case portable
  case avx2
  case avx512
  case avx512VBMI = "avx512-vbmi"
  case neon

  /// The tiers that this processor has, the slowest first.
  package static let supported = allCases.filter { $0.pointer != nil }

  /// The fastest tier, or the one that the environment names in `LAMINA_KERNELS`.
  ///
  /// A name that no tier of this processor has ends the process: to go on with other kernels than were asked for would
  /// make a comparison of them lie, and a library has nobody to tell. Commands ask for ``environmentFault`` before.
  package static let active: KernelTier = {
    guard let name = requested else { return supported.last ?? .portable }
    guard let tier = supported.first(where: { $0.rawValue == name }) else { fatalError(environmentFault ?? name) }
    return tier
  }()

  /// What is wrong with the environment's choice of a tier, in one sentence for people; nil where nothing is.
  package static var environmentFault: String? {
    guard let name = requested, !supported.contains(where: { $0.rawValue == name }) else { return nil }
    let names = supported.map(\.rawValue).joined(separator: ", ")
    return "The environment variable LAMINA_KERNELS is '\(name)'; on this processor it can be \(names), or be unset."
  }

  /// The value of `LAMINA_KERNELS`, nil where it is unset.
  private static var requested: String? { getenv("LAMINA_KERNELS").map { String(cString: $0) } }

  /// The kernels of this tier.
  ///
  /// - Precondition: The tier is ``supported``.
  package var kernels: laminak_table {
    guard let pointer else { preconditionFailure("This processor has no tier '\(rawValue)'") }
    return pointer.pointee
  }

  private var pointer: UnsafePointer<laminak_table>? {
    switch self {
    case .portable: laminak_table_of(LAMINAK_PORTABLE)
    case .avx2: laminak_table_of(LAMINAK_AVX2)
    case .avx512: laminak_table_of(LAMINAK_AVX512)
    case .avx512VBMI: laminak_table_of(LAMINAK_AVX512_VBMI)
    case .neon: laminak_table_of(LAMINAK_NEON)
    }
  }
}

/// The kernels of the active tier.
package let kernels: laminak_table = KernelTier.active.kernels
