"""What the optimistic optimizers share: parameters that hold the lookahead, and checkpoints that lose no bit."""

import contextlib
import itertools
import math
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import torch
from torch.optim import Optimizer

Group = Dict[str, Any]


def precision_of(parameter: torch.Tensor) -> torch.dtype:
    """The type of a parameter's state: its own, but float32 where that has fewer bits."""
    return torch.promote_types(parameter.dtype, torch.float32)


class LookaheadOptimizer(Optimizer):
    """An optimizer whose parameters hold the lookahead Xₜ₊½ between steps, where the next gradient is to be taken.

    The iterate Xₜ is in the optimizer's state. Whatever else writes to parameters between steps, such as clipping them,
    is overwritten by the next step.
    """

    def add_param_group(self, param_group: Group) -> None:
        """Adds a group, as ``torch.optim.Optimizer.add_param_group`` does, after a check of its options."""
        super().add_param_group(param_group)
        added = self.param_groups[-1]
        try:
            self._check_group(added, f"Parameter group {len(self.param_groups) - 1}")
        except (TypeError, ValueError):
            self.param_groups.pop()
            raise

    def _check_group(self, group: Group, name: str) -> None:
        if not (0 < group["lr"] < math.inf):
            raise ValueError(f"{name}: lr must be positive and finite, and is {group['lr']}.")
        for parameter in group["params"]:
            if not parameter.is_floating_point():
                raise TypeError(f"{name}: parameters must be real floating-point tensors, not {parameter.dtype}.")

    def _evaluated(self, closure: Optional[Callable[[], float]]) -> Optional[float]:
        """The loss of the closure of a step, which leaves the gradients behind; None without one."""
        if closure is None:
            return None
        with torch.enable_grad():
            return closure()

    def _gradient(self, parameter: torch.Tensor) -> torch.Tensor:
        """The gradient of a parameter that has one, in the precision of its state."""
        gradient = parameter.grad
        assert gradient is not None
        if gradient.is_sparse:
            raise TypeError(f"{type(self).__name__} takes dense gradients only; make the layer with sparse=False.")
        return gradient.to(precision_of(parameter))

    def _workspace(self, parameter: torch.Tensor) -> torch.Tensor:
        """Memory for a vector: the parameter's, whose lookahead is spent, unless the state is more precise."""
        precision = precision_of(parameter)
        return parameter if parameter.dtype == precision else torch.empty_like(parameter, dtype=precision)

    @contextlib.contextmanager
    def _moved(self, point: Callable[[torch.Tensor], torch.Tensor]) -> Iterator[None]:
        """Parameters with state hold ``point`` of themselves inside, and on leaving again what they held before."""
        held: List[Tuple[torch.Tensor, torch.Tensor]] = []
        try:
            with torch.no_grad():
                for group in self.param_groups:
                    for parameter in group["params"]:
                        if parameter in self.state:
                            held.append((parameter, parameter.clone()))
                            parameter.copy_(point(parameter))
            yield
        finally:
            with torch.no_grad():
                for parameter, value in held:
                    parameter.copy_(value)

    def load_state_dict(self, state_dict: Dict[str, Any]) -> None:
        """Restores what ``state_dict`` returned; the run goes on bit for bit, if the model is restored as well.

        Args:
            state_dict: A state of an optimizer of this class with as many parameters in as many groups.

        Raises:
            ValueError: The groups differ.
        """
        super().load_state_dict(state_dict)
        # PyTorch casts state to the parameter's type, which may have fewer bits, and shares its memory where it can.
        saved = itertools.chain.from_iterable(group["params"] for group in state_dict["param_groups"])
        own = itertools.chain.from_iterable(group["params"] for group in self.param_groups)
        for identifier, parameter in zip(saved, own):
            for name, value in state_dict["state"].get(identifier, {}).items():
                if isinstance(value, torch.Tensor):
                    self.state[parameter][name] = value.detach().to(
                        device=parameter.device, dtype=precision_of(parameter), copy=True)
