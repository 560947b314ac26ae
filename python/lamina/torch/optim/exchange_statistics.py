"""What the step sizes of QODA need to know of an exchange."""

from typing import NamedTuple, Union

import torch

Number = Union[float, torch.Tensor]


class ExchangeStatistics(NamedTuple):
    """The sums over workers of one exchange; V̂ₖ is worker k's dual vector as every worker decodes it.

    All workers must hold the same numbers, bit for bit, or their replicas drift apart. Sums are floats or tensors of
    one element; tensors on the parameters' device are never read back, so that a step does not wait for a GPU.
    """

    workers: int
    """K, the number of workers, at least 1."""

    squared_norms: Number
    """Σₖ ‖V̂ₖ‖², summed over all parameters and over workers before any division."""

    squared_changes: Number
    """Σₖ ‖V̂ₖ − V̂ₖ′‖², V̂ₖ′ being what worker k sent in the exchange before, zero in the first one."""
