"""Past extra-gradient with Adam's moves."""

import math
from typing import Callable, ContextManager, Optional, Tuple

import torch
from torch.optim.optimizer import ParamsT

from .lookahead import Group, LookaheadOptimizer, precision_of


class OptimisticAdam(LookaheadOptimizer):
    """Past extra-gradient with Adam's moves: one gradient, hence one exchange, in a step.

    With D(g) the move that Adam makes on seeing g, with a bias correction of the step size and ε outside the root::

        Xₜ₊½ = Xₜ − dₜ₋₁            where the parameters are when the gradient is taken; d₀ = 0
        dₜ = D(g(Xₜ₊½))
        Xₜ₊₁ = Xₜ − dₜ

    The practical optimizer of adversarial training. Both players of a game go into one optimizer, since they move at
    the same time; the one that maximises the loss that is differentiated goes into a group with ``maximize=True``::

        OptimisticAdam([{"params": generator.parameters(), "maximize": True, "lr": 1e-3},
                        {"params": critic.parameters(), "lr": 5e-4}])

    A parameter without a gradient is left where it is with its moments, as in ``torch.optim.Adam``. Under
    ``DistributedDataParallel`` gradients are the exchanged means, so that all workers make the same moves. The state
    takes three times the memory of the parameters.

    Args:
        params: Parameters or groups of them.
        lr: The learning rate, positive; may differ between groups.
        betas: β₁ and β₂ in [0, 1), the decays of the mean and of the mean square; may differ between groups. The
            default is that of Wasserstein GANs.
        eps: ε > 0, added to the root of the mean square, in units of the gradient; may differ between groups.
        maximize: Whether the loss is maximised; may differ between groups.

    Raises:
        ValueError: A constant is out of its range.
        TypeError: A parameter is not a real floating-point tensor; in ``step``, a gradient is sparse.
    """

    def __init__(
        self, params: ParamsT, lr: float = 1e-3, betas: Tuple[float, float] = (0.5, 0.9), eps: float = 1e-8, *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, maximize=maximize))

    def _check_group(self, group: Group, name: str) -> None:
        super()._check_group(group, name)
        for beta in group["betas"]:
            if not (0 <= beta < 1):
                raise ValueError(f"{name}: betas lie in [0, 1), and are {group['betas']}.")
        if not (0 < group["eps"] < math.inf):
            raise ValueError(f"{name}: eps must be positive and finite, and is {group['eps']}.")

    @torch.no_grad()
    def step(self, closure: Optional[Callable[[], float]] = None) -> Optional[float]:  # type: ignore[override]
        """Moves the parameters to the next lookahead.

        Args:
            closure: Computes the loss and the gradients at the parameters; called once, if given.

        Returns:
            What ``closure`` returned.
        """
        loss = self._evaluated(closure)
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._move(parameter, group)
        return loss

    def _move(self, parameter: torch.Tensor, group: Group) -> None:
        gradient = self._gradient(parameter)
        state = self.state[parameter]
        if not state:
            state["step"] = 0
            state["mean"] = torch.zeros_like(gradient, memory_format=torch.preserve_format)
            state["mean_square"] = torch.zeros_like(state["mean"])
            state["iterate"] = parameter.to(precision_of(parameter), copy=True)
        state["step"] += 1
        n, (beta1, beta2) = state["step"], group["betas"]
        size = group["lr"] * (math.sqrt(1 - beta2**n) / (1 - beta1**n))
        sign = -1 if group["maximize"] else 1
        state["mean"].mul_(beta1).add_(gradient, alpha=sign * (1 - beta1))
        state["mean_square"].mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        move = self._workspace(parameter)
        torch.sqrt(state["mean_square"], out=move).add_(group["eps"])
        torch.div(state["mean"], move, out=move).mul_(size)
        state["iterate"].sub_(move)
        torch.sub(state["iterate"], move, out=move)
        if move is not parameter:
            parameter.copy_(move)

    def at_iterate(self) -> ContextManager[None]:
        """A context in which the parameters hold Xₜ, the solution so far, instead of the lookahead."""
        return self._moved(lambda parameter: self.state[parameter]["iterate"])
