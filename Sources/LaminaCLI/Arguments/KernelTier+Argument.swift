import ArgumentParser
import LaminaNumerics

extension KernelTier: ExpressibleByArgument {}
