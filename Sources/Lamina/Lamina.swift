@_exported import Collectives
@_exported import DistributedVI
@_exported import EntropyCoding
@_exported import GradientExchange
@_exported import LaminaNumerics
@_exported import Quantization
@_exported import VariationalInequalities
@_exported import WireFormat
