"""Optimistic dual averaging with one exchange in a step."""

import copy
from typing import Any, Callable, ContextManager, Dict, Iterator, Optional, Tuple

import torch
from torch.optim.optimizer import ParamsT

from .exchange_statistics import ExchangeStatistics, Number
from .lookahead import Group, LookaheadOptimizer, precision_of
from .step_sizes import AdaptiveSteps, StepSizes

# The key of ``state`` under which stands what belongs to no parameter.
_SHARED: Any = "shared"


class QODA(LookaheadOptimizer):
    """QODA, optimistic dual averaging: Algorithm 1 of arXiv 2505.14371, with one gradient, hence one exchange, a step.

    With vₜ the mean of the workers' dual vectors that step t exchanged, v₀ = 0, and ηₜ, γₜ the rule's step sizes::

        Xₜ₊½ = Xₜ − γₜ vₜ₋₁                  where the parameters are when the gradient vₜ is taken
        Yₜ₊₁ = Yₜ − vₜ                       Y₁ = 0
        Xₜ₊₁ = X₁ + ηₜ₊₁ Yₜ₊₁                X₁ is where the parameters were before the first step

    All parameters are one point: both players of a game go into one optimizer and share the sums of the step-size rule.
    The player who maximises the loss that is differentiated goes into a group with ``maximize=True``. Weights decay by
    a term of the loss; constraints on parameters are not supported, since Xₜ₊₁ is made from X₁ and not from what the
    parameters hold.

    The rules sum over workers before any division: Σₖ ‖V̂ₖ‖²/K² is not ‖mean‖². Under ``DistributedDataParallel`` an
    optimizer sees means only, so ``statistics`` has to supply the sums of the last exchange. Without it the step sizes
    are those of one worker whose dual vector is the gradient: with K workers, that of their mean, which is the rule for
    K = 1 and not that of the paper. A loss that is scaled, as by ``GradScaler``, must be unscaled in both before
    ``step``.

    A parameter without a gradient has the dual vector 0. The state takes twice the memory of the parameters, a third
    time with ``AdaptiveSteps`` without ``statistics``, and once more with ``average``. Sums stay on the first
    parameter's device, and no step waits for it.

    Args:
        params: Parameters or groups of them.
        lr: η₀ > 0, the factor of both step sizes; may differ between groups, 1 in the paper. For GANs, Lamina's
            experiments take ``lr=8`` with ``AdaptiveSteps(leading_constant=1e7)``.
        step_sizes: ``AdaptiveSteps`` (eq. 4) or ``SeparatedSteps`` (Alt).
        maximize: Whether the loss is maximised; may differ between groups.
        average: Whether X̄, the mean of the lookaheads, is kept. Theory is about this point.
        statistics: Called once in a step, after the gradients are there: the sums of the last exchange.

    Raises:
        ValueError: A constant is out of its range; in ``step``, ``statistics`` names fewer workers than one.
        TypeError: A parameter is not a real floating-point tensor; in ``step``, a gradient is sparse.
    """

    def __init__(
        self, params: ParamsT, lr: float = 1.0, step_sizes: StepSizes = AdaptiveSteps(), *, maximize: bool = False,
        average: bool = False, statistics: Optional[Callable[[], ExchangeStatistics]] = None,
    ) -> None:
        self.step_sizes = step_sizes
        self.statistics = statistics
        self._average = average
        super().__init__(params, dict(lr=lr, maximize=maximize))

    def __getstate__(self) -> Dict[str, Any]:
        own = {"step_sizes": self.step_sizes, "statistics": self.statistics, "_average": self._average}
        return {**super().__getstate__(), **own}

    @torch.no_grad()
    def step(self, closure: Optional[Callable[[], float]] = None) -> Optional[float]:  # type: ignore[override]
        """Moves the parameters to the next lookahead; does nothing where no parameter has a gradient.

        Args:
            closure: Computes the loss and the gradients at the parameters; called once, if given.

        Returns:
            What ``closure`` returned.
        """
        loss = self._evaluated(closure)
        if any(parameter.grad is not None for group in self.param_groups for parameter in group["params"]):
            self._step()
        return loss

    def _step(self) -> None:
        for group, parameter in self._parameters():
            if parameter.grad is not None and parameter not in self.state:
                self._begin(parameter)
        shared = self.state[_SHARED] or self._begin_shared()
        shared["iteration"] += 1
        self.step_sizes.remember(shared["memory"], self._exchanged(shared), shared["movement"])
        lookahead, anchor = self.step_sizes.sizes(shared["memory"])
        movement = torch.zeros_like(shared["movement"])
        for group in self.param_groups:
            sizes = (group["lr"] * lookahead, group["lr"] * anchor)
            for parameter in group["params"]:
                if parameter in self.state:
                    moved = self._move(parameter, group, sizes, shared["iteration"])
                    if moved is not None:
                        movement += moved.to(movement.device)
            group["lookahead_step"], group["anchor_step"] = sizes
        shared["movement"] = movement

    def _move(
        self, parameter: torch.Tensor, group: Group, sizes: Tuple[torch.Tensor, torch.Tensor], iteration: int
    ) -> Optional[torch.Tensor]:
        """Makes the step of one parameter and returns ‖Xₜ₊₁ − Xₜ‖² of it, if the rule reads that."""
        state = self.state[parameter]
        if self._average:
            state["average"].lerp_(parameter.to(state["average"].dtype), 1 / iteration)
        dual_sum, work = state["dual_sum"], self._workspace(parameter)
        lookahead, anchor = (size.to(parameter.device) for size in sizes)
        gradient = None if parameter.grad is None else self._gradient(parameter)
        sign = -1 if group["maximize"] else 1
        moved = None
        if self.step_sizes.uses_movement:
            previous_anchor = group.get("anchor_step", torch.zeros_like(anchor)).to(parameter.device)
            torch.mul(dual_sum, previous_anchor, out=work)
        if gradient is not None:
            dual_sum.sub_(gradient, alpha=sign)
        if self.step_sizes.uses_movement:
            moved = _squared_norm(work.addcmul_(dual_sum, anchor, value=-1))
        torch.addcmul(state["start"], dual_sum, anchor, out=work)
        if gradient is not None:
            work.addcmul_(gradient, lookahead, value=-sign)
        if work is not parameter:
            parameter.copy_(work)
        return moved

    def _exchanged(self, shared: Dict[str, Any]) -> ExchangeStatistics:
        device = shared["movement"].device
        if self.statistics is not None:
            workers, norms, changes = self.statistics()
            if workers < 1:
                raise ValueError(f"statistics must name at least one worker, and names {workers}.")
            return ExchangeStatistics(workers, _scalar(norms, device), _scalar(changes, device))
        norms, changes = torch.zeros_like(shared["movement"]), torch.zeros_like(shared["movement"])
        for _, parameter in self._parameters():
            if parameter not in self.state:
                continue
            if self.step_sizes.uses_changes:
                changes += self._change(parameter).to(device)
            elif parameter.grad is not None:
                norms += _squared_norm(self._gradient(parameter)).to(device)
        return ExchangeStatistics(1, norms, changes)

    def _change(self, parameter: torch.Tensor) -> torch.Tensor:
        """‖vₜ − vₜ₋₁‖² of one parameter; remembers vₜ. The sign of a player does not matter."""
        previous = self.state[parameter]["previous"]
        if parameter.grad is None:
            change = _squared_norm(previous)
            previous.zero_()
        else:
            gradient = self._gradient(parameter)
            change = _squared_norm(previous.sub_(gradient))
            previous.copy_(gradient)
        return change

    def _begin(self, parameter: torch.Tensor) -> None:
        start = parameter.to(precision_of(parameter), copy=True)
        state = self.state[parameter]
        state["start"] = start
        state["dual_sum"] = torch.zeros_like(start)
        if self.step_sizes.uses_changes and self.statistics is None:
            state["previous"] = torch.zeros_like(start)
        if self._average:
            state["average"] = start.clone()

    def _begin_shared(self) -> Dict[str, Any]:
        device = self.param_groups[0]["params"][0].device
        scalar = {"dtype": torch.float64, "device": device}
        memory = {name: torch.tensor(value, **scalar) for name, value in self.step_sizes.initial_memory().items()}
        shared = {"iteration": 0, "memory": memory, "movement": torch.zeros((), **scalar)}
        self.state[_SHARED] = shared
        return shared

    def _parameters(self) -> Iterator[Tuple[Group, torch.Tensor]]:
        for group in self.param_groups:
            for parameter in group["params"]:
                yield group, parameter

    def at_iterate(self) -> ContextManager[None]:
        """A context in which the parameters hold the iterate Xₜ instead of the lookahead."""
        anchors: Dict[torch.Tensor, Any] = {parameter: group.get("anchor_step") for group, parameter in self._parameters()}

        def iterate(parameter: torch.Tensor) -> torch.Tensor:
            state = self.state[parameter]
            return torch.addcmul(state["start"], state["dual_sum"], anchors[parameter].to(parameter.device))

        return self._moved(iterate)

    def at_average(self) -> ContextManager[None]:
        """A context in which the parameters hold X̄, the mean of the lookaheads so far.

        Raises:
            RuntimeError: The optimizer was made without ``average=True``.
        """
        if not self._average:
            raise RuntimeError("There is no average: make the optimizer with average=True.")
        return self._moved(lambda parameter: self.state[parameter]["average"])

    def load_state_dict(self, state_dict: Dict[str, Any]) -> None:
        """Restores what ``state_dict`` returned; the run goes on bit for bit, if the model is restored as well.

        Args:
            state_dict: A state of an optimizer with the same rule, ``average`` and source of statistics.

        Raises:
            ValueError: The groups or the rule differ, or the state lacks a vector that these settings need.
        """
        shared = state_dict["state"].get(_SHARED)
        if shared:
            expected = set(self.step_sizes.initial_memory())
            if set(shared["memory"]) != expected:
                raise ValueError(f"The state is of another step-size rule: it holds {sorted(shared['memory'])}, and "
                                 f"{type(self.step_sizes).__name__} needs {sorted(expected)}.")
            needed = {"previous"} if self.step_sizes.uses_changes and self.statistics is None else set()
            needed |= {"average"} if self._average else set()
            for identifier, values in state_dict["state"].items():
                missing = set() if identifier == _SHARED else needed - set(values)
                if missing:
                    raise ValueError(f"The state of parameter {identifier} lacks {sorted(missing)}: it was saved by an "
                                     "optimizer with other settings of average or statistics.")
        super().load_state_dict(state_dict)
        if shared:
            device = self.param_groups[0]["params"][0].device
            self.state[_SHARED] = copy.deepcopy(shared)
            for container in (self.state[_SHARED]["memory"], self.state[_SHARED]):
                for name, value in container.items():
                    if isinstance(value, torch.Tensor):
                        container[name] = value.to(device)


def _scalar(x: Number, device: torch.device) -> Number:
    """A sum in double precision; a number stays one, since a copy of it to a GPU would wait."""
    return x.to(device=device, dtype=torch.float64) if isinstance(x, torch.Tensor) else float(x)


def _squared_norm(x: torch.Tensor) -> torch.Tensor:
    """‖x‖², summed in double precision."""
    norm: torch.Tensor = torch.linalg.vector_norm(x, dtype=torch.float64)
    return norm.square()
