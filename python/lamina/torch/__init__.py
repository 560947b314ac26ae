"""Lamina for PyTorch: a communication hook for DistributedDataParallel."""

from .hook import compress, lamina_hook
from .layer_types import layer_types
from .settings import Settings
from .state import LaminaState
from .statistics import Statistics

__all__ = ["LaminaState", "Settings", "Statistics", "compress", "lamina_hook", "layer_types"]
