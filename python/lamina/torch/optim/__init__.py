"""Optimizers for saddle points, games and GANs, with one gradient and hence one exchange in a step.

``QODA`` is optimistic dual averaging (arXiv 2505.14371), ``OptimisticAdam`` past extra-gradient with Adam's moves. Both
repeat the solvers of the Swift package number for number. They need PyTorch and nothing else of Lamina.
"""

from .exchange_statistics import ExchangeStatistics
from .optimistic_adam import OptimisticAdam
from .qoda import QODA
from .step_sizes import AdaptiveSteps, SeparatedSteps

__all__ = ["AdaptiveSteps", "ExchangeStatistics", "OptimisticAdam", "QODA", "SeparatedSteps"]
