"""The state of the hook: what a network's gradients are exchanged by, and what is remembered from step to step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Optional

import torch
import torch.distributed as dist
from torch import nn

from ..errors import InvalidArgument, LaminaError, NonFinite
from ..exchange import Exchange, Reduction, Report
from ..plan import Plan
from ..rules import Rule
from .checkpoints import remembered, remind
from .copies import copies
from .groups import all_reduce_mean, check_equal, mean, network_group, own_group
from .layout import Layout, Slot
from .optim.exchange_statistics import ExchangeStatistics
from .settings import Settings
from .statistics import Statistics, error_bound
from .step import Copies, Step
from .transport import transport
from .trial import Trial

# Shorter vectors take as long as their messages are many, whatever the length of these.
_LEAST_SCATTERED = 1 << 16


class LaminaState:
    """How the gradients of one network are compressed; goes with ``lamina_hook``.

    ``ddp.register_comm_hook(LaminaState(ddp, bits=4), lamina_hook)``
    """

    def __init__(
        self,
        model: nn.Module,
        process_group: Optional[dist.ProcessGroup] = None,
        *,
        rules: Sequence[Rule] = (),
        report_every: int = 0,
        report_to: Optional[Any] = None,
        **settings: Any,
    ) -> None:
        """A state for a network; to be made on all ranks together, with the same settings.

        What goes wrong in an exchange ends the backward pass with a RuntimeError of PyTorch, which says the type and the
        sentence of the error; after ``NonFinite`` the state can go on, after any other it cannot.

        :param model: The network, wrapped in DistributedDataParallel or not.
        :param process_group: What carries the messages, and belongs to the exchange alone; None makes a group of the
            ranks of the network for it, over Gloo where tensors of the host can travel by it.
        :param rules: ``lamina.Rule``s for parameters by name; the first that matches decides.
        :param report_every: Iterations between reports, 0 for none.
        :param report_to: A TensorBoard ``SummaryWriter``, or a function of the iteration and a dictionary of numbers.
        :param bits: Of a coordinate. Levels: 2 to 8, a whole number; dithered: 0.5 to 16.
        :param quantizer: "levels" are stochastic rounding to adaptive levels; "dithered" is dither with entropy coding,
            closer to the gradient at the same bits, and slower to code.
        :param adaptation: How levels adapt: "optimal", "alq", "alq-gd", "amq", "amq-zero", "lloyd", or "fixed". For
            dithered coordinates anything but "fixed" lets layer types share out the bits.
        :param budget: Levels: the mean width of the fields that layer types share out, None for the same width for all.
            Dithered: the bits per coordinate of the whole gradient, None for ``bits``.
        :param adapt_every: Exchanges between updates of levels or steps, None for the usual 100 and 50.
        :param exact_below: Parameters with fewer coordinates travel exactly, as biases and normalisation do anyway.
        :param bucket_size: Coordinates that share a norm under levels.
        :param reduction: "all-gather", "scatter-reduce", or "auto": the first for two ranks and short gradients.
        :param error_feedback: Whether what rounding took from a gradient is added to the next one.
        :param warmup_steps: Iterations that are averaged without compression first.
        :param mode: "on", or "auto", which tries both and leaves compression off where it does not pay.
        :param nonfinite: What a coordinate that is NaN or infinite on any rank does: "raise" ends the backward pass on all
            ranks, "propagate" leaves it in the mean, as DDP does and gradient scalers expect.
        :param retries: How often a message that arrives damaged is sent again.
        :param threads: Threads that encode and decode.
        :param seed: Of all draws.
        :raises InvalidArgument: for settings out of their range, settings or networks that are not the same on all ranks,
            and parameters of other types than floating point of 32 or 16 bits.
        """
        self.settings = Settings(rules=tuple(rules), **settings)
        self.report_every, self.report_to = report_every, report_to
        self._unpickled: Optional[dict[str, Any]] = None
        self.attach(model, process_group)

    def attach(self, model: nn.Module, process_group: Optional[dist.ProcessGroup] = None) -> None:
        """Gives an unpickled state its network and its workers; on all ranks together, as a new state is made."""
        self._plain_group = network_group(model, process_group)
        layout = Layout(model)
        # Refuses settings that do not make a plan at once, and not in the first backward pass.
        self._first_plan = self._plan(layout)
        self._group = process_group if process_group is not None else own_group(self._plain_group)
        settings = {name: value for name, value in vars(self.settings).items() if name != "threads"}
        check_equal(self._group, settings | {"model": self._first_plan})
        self._layout = layout
        self._iteration = 0
        self._statistics = Statistics(coordinates=self._layout.dimension)
        self._last: Optional[Report] = None
        self._trial = Trial(self._group) if self.settings.mode == "auto" else None
        self._exchange: Optional[Exchange] = None
        self._copies: Optional[Copies] = None
        self._step: Optional[Step] = None
        self._compresses = False
        # One thread, so that all ranks exchange in the same order.
        self._worker = ThreadPoolExecutor(1, "lamina-exchange")
        if self._unpickled is not None:
            self.load_state_dict(self._unpickled)
            self._unpickled = None

    def _plan(self, layout: Layout) -> Plan:
        settings = self.settings
        return layout.plan(
            settings.usual_quantizer, settings.rules, exact_below=settings.exact_below, seed=settings.seed
        )

    def reduce(self, bucket: dist.GradBucket) -> torch.futures.Future[torch.Tensor]:  # type: ignore[name-defined]
        """What ``lamina_hook`` does with a bucket."""
        if not hasattr(self, "_layout"):
            raise LaminaError("The state was unpickled and has no network yet; call its attach(model) on all ranks.")
        if bucket.index() == 0:
            self._begin(bucket.buffer().device)
        if not self._compresses:
            if bucket.is_last():
                self._end()
            return all_reduce_mean(bucket.buffer(), self._plain_group)
        step = self._step
        try:
            gradients = self._gradients(bucket)
            if step is None and gradients:
                step = self._start()
            if step is not None and bucket.is_last():
                self._check_complete(step, gradients)
            if step is None or not gradients:
                # Nothing of it travels, and the step may be over without it.
                return _given(bucket.buffer())
            return step.add(gradients, bucket.buffer())
        except BaseException as failure:
            if step is not None:
                step.fail(failure)
            raise

    def _gradients(self, bucket: dist.GradBucket) -> list[tuple[Slot, torch.Tensor]]:  # type: ignore[name-defined]
        if bucket.buffer().is_sparse:
            raise InvalidArgument(
                "A gradient is sparse; make its embedding with sparse=False, or leave it out of DistributedDataParallel."
            )
        return [
            (self._layout.slot(parameter), gradient)
            for parameter, gradient in zip(bucket.parameters(), bucket.gradients())
            if gradient.numel() > 0
        ]

    def _start(self) -> Step:
        assert self._exchange is not None and self._copies is not None
        self._step = Step(self._exchange, self._copies, self._statistics.exchanges)
        self._step.start(self._worker, self._finished)
        return self._step

    def _check_complete(self, step: Step, last: Sequence[tuple[Slot, torch.Tensor]]) -> None:
        """Refuses a backward pass that does not hand over all parameters, for which the exchange would wait."""
        missing = set(self._layout.slots.values()) - step.slots - {slot for slot, _ in last}
        if missing:
            first = min(missing, key=lambda slot: slot.start)
            raise InvalidArgument(
                f"DistributedDataParallel averages no gradient of parameter '{first.name}'"
                + (f" and {len(missing) - 1} others" if len(missing) > 1 else "")
                + "; make the state for the network that it wraps."
            )

    def _begin(self, device: torch.device) -> None:
        """Chooses how the gradients of this iteration are averaged."""
        if self._step is not None:
            self._step.abandon()
            self._step = None
        # DDP makes other buckets after its first iteration, and takes longer for it.
        is_warm = self._iteration >= max(self.settings.warmup_steps, 0 if self._trial is None else 2)
        self._compresses = is_warm and (self._trial is None or self._trial.begins_compressed_step())
        if self._compresses:
            self._prepare(device)

    def _prepare(self, device: torch.device) -> Exchange:
        """Takes memory, with the first gradient that is compressed."""
        if self._exchange is not None:
            return self._exchange
        vector = torch.zeros(self._layout.dimension, pin_memory=device.type == "cuda")
        self._exchange = Exchange(
            self._first_plan,
            transport(self._group),
            vector=vector.numpy(),
            reduction=self._reduction(),
            threads=self.settings.threads,
            error_feedback=self.settings.error_feedback,
            retries=self.settings.retries,
            adaptation=self.settings.agreement,
        )
        self._copies = copies(vector, device)
        self._statistics.error_bound = error_bound(self._exchange.plan)
        return self._exchange

    def _reduction(self) -> Reduction:
        """The reduction in force. Hooks are for slow links, where bytes decide from the third rank on."""
        if self.settings.reduction != "auto" or self._layout.dimension < _LEAST_SCATTERED:
            return self.settings.reduction
        return "scatter-reduce" if dist.get_world_size(self._group) > 2 else "all-gather"

    def _finished(self, report: Report) -> None:
        step, self._step = self._step, None
        assert step is not None and self._exchange is not None
        epoch = self._statistics.level_epoch
        self._last = report
        self._statistics.add(report)
        self._statistics.seconds["copy_in"] += step.copy_in_seconds
        self._statistics.seconds["copy_out"] += step.copy_out_seconds
        if report.level_epoch != epoch:
            self._statistics.error_bound = error_bound(self._exchange.plan)
        self._end()
        if self.settings.nonfinite == "raise" and not math.isfinite(report.squared_norms):
            raise NonFinite(
                f"A gradient of iteration {self._iteration - 1} is not finite on some rank. Pass nonfinite='propagate' to "
                "leave that to a gradient scaler."
            )

    def _end(self) -> None:
        self._iteration += 1
        self._statistics.iterations = self._iteration
        if self.report_every > 0 and self._iteration % self.report_every == 0 and self.report_to is not None:
            scalars = self.statistics.scalars()
            if hasattr(self.report_to, "add_scalar"):
                for name, value in scalars.items():
                    self.report_to.add_scalar(f"lamina/{name}", value, self._iteration)
            else:
                self.report_to(self._iteration, scalars)

    @property
    def statistics(self) -> Statistics:
        """What was sent so far, and what it cost."""
        return self._statistics

    @property
    def mode(self) -> str:
        """How gradients are averaged now: "warm-up", "trial", "plain" or "compressed"."""
        if self._iteration < self.settings.warmup_steps:
            return "warm-up"
        if self._trial is None:
            return "compressed"
        return ("compressed" if self._trial.compresses else "plain") if self._trial.is_over else "trial"

    @property
    def trial_seconds(self) -> Optional[tuple[float, float]]:
        """The seconds of a plain step and of a compressed one, as mode "auto" found them; None before."""
        return None if self._trial is None else self._trial.seconds

    @property
    def plan(self) -> Plan:
        """The plan in force: layers, types, levels and steps."""
        return self._first_plan if self._exchange is None else self._exchange.plan

    def exchange_statistics(self) -> ExchangeStatistics:
        """The sums of the last exchange over all workers, for the step sizes of ``lamina.torch.optim.QODA``.

        :raises LaminaError: before the first exchange, and after a step without compression, of which nobody knows them.
        """
        if self._last is None or not self._compresses:
            raise LaminaError("The last gradients were averaged without compression: there are no sums over the workers.")
        workers = dist.get_world_size(self._group)
        return ExchangeStatistics(workers, self._last.squared_norms, self._last.squared_changes)

    def compression_stats(self) -> tuple[float, int, int]:
        """The rate of compression so far, and the numbers before and after it, in units of 32 bits."""
        before = self._statistics.exchanges * self._statistics.coordinates
        after = self._statistics.bits / 32
        return (before / after if after > 0 else 0.0), before, round(after)

    def state_dict(self, *, consolidate: bool = False) -> dict[str, Any]:
        """All that later iterations depend on, in tensors and plain numbers.

        Under error feedback each rank has a residual of its own: save on every rank, or ``consolidate``.

        :param consolidate: Averages the residuals over all ranks, which all call this together: every rank then returns the
            same, good for any number of ranks, as the sum of all residuals stays what it was.
        """
        saved: dict[str, Any] = {
            "version": 1,
            "rank": dist.get_rank(self._group),
            "world_size": dist.get_world_size(self._group),
            "iteration": self._iteration,
            "statistics": self._statistics.saved(),
        }
        if self._exchange is None:
            return saved
        saved |= remembered(self._exchange, self.settings)
        if consolidate:
            saved["rank"] = None
            del saved["last"]
            if "residual" in saved:
                saved["residual"] = mean(saved["residual"], self._group)
        return saved

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Goes on from what ``state_dict`` returned, on any number of ranks; on all ranks before the next iteration.

        What one rank alone remembers (the residual of error feedback, and its last vector) is taken where the dictionary is
        of the same rank of as many, or consolidated; otherwise the residual starts from zero, with a warning.

        :raises InvalidArgument: for dictionaries of another version.
        :raises DamagedFrame: for those of another network.
        """
        if saved.get("version") != 1:
            raise InvalidArgument(f"The state has version {saved.get('version')!r}; this package reads version 1.")
        statistics = Statistics.restored(saved["statistics"])
        if statistics.coordinates != self._layout.dimension:
            raise InvalidArgument(
                f"The state is of a network with {statistics.coordinates} parameters, this one has "
                f"{self._layout.dimension}."
            )
        if "exchange" in saved:
            remind(self._prepare(self._layout.device), saved, self.settings)
        elif self._exchange is not None:
            raise InvalidArgument("The state is from before the first compressed iteration; load it into a new state.")
        self._iteration, self._statistics = int(saved["iteration"]), statistics

    def __getstate__(self) -> dict[str, Any]:
        saved = self._unpickled if self._unpickled is not None else self.state_dict()
        return {"settings": dict(vars(self.settings)), "saved": saved, "report_every": self.report_every}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.settings = Settings(**state["settings"])
        self.report_every, self.report_to = state["report_every"], None
        self._unpickled = state["saved"]


def _given(buffer: torch.Tensor) -> torch.futures.Future[torch.Tensor]:
    future: torch.futures.Future[torch.Tensor] = torch.futures.Future()
    future.set_result(buffer)
    return future
