"""The ways to exchange gradients that are timed, by name."""

from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple

from torch.distributed.algorithms.ddp_comm_hooks import default_hooks, powerSGD_hook
from torch.nn.parallel import DistributedDataParallel

try:
    from lamina.torch import LaminaState, lamina_hook
    LAMINA_MISSING: Optional[str] = None
except ImportError as error:
    LAMINA_MISSING = str(error)


class Scheme(NamedTuple):
    """A row of the table."""

    title: str
    register: Callable[[DistributedDataParallel], Any]
    """Registers the hook; called once the buckets have settled. Returns its state, where that has a mode."""

    bucket_megabytes: Optional[int] = None
    """The cap on a bucket, or None for PyTorch's 25 MiB behind a first one of 1 MiB."""

    needs_lamina: bool = False


def _plain(model: DistributedDataParallel) -> None:
    pass


def _fp16(model: DistributedDataParallel) -> None:
    model.register_comm_hook(None, default_hooks.fp16_compress_hook)


def _power(rank: int) -> Scheme:
    def register(model: DistributedDataParallel) -> None:
        # Its least; the first step is one of warming up and at full precision.
        state = powerSGD_hook.PowerSGDState(None, matrix_approximation_rank=rank, start_powerSGD_iter=2)
        model.register_comm_hook(state, powerSGD_hook.powerSGD_hook)

    # The hook starts collectives from callbacks, whose order between buckets may differ from rank to rank on Gloo. With
    # one bucket there is one order.
    return Scheme(f"PowerSGD, rank {rank}", register, bucket_megabytes=4096)


def _lamina(title: str, **settings: Any) -> Scheme:
    def register(model: DistributedDataParallel) -> Any:
        state = LaminaState(model, **settings)
        model.register_comm_hook(state, lamina_hook)
        return state

    return Scheme(title, register, needs_lamina=True)


SCHEMES: Dict[str, Scheme] = {
    "plain": Scheme("plain DDP", _plain),
    "fp16": Scheme("fp16 hook", _fp16),
    "powersgd-1": _power(1),
    "powersgd-2": _power(2),
    "powersgd-4": _power(4),
    "lamina-4": _lamina("Lamina, 4 bits", bits=4),
    "lamina-dithered-3": _lamina("Lamina, dithered 3 bits", bits=3, quantizer="dithered"),
    "lamina-auto": _lamina("Lamina, automatic", mode="auto"),
}


def available() -> Tuple[Dict[str, Scheme], Optional[str]]:
    """The schemes that this installation can time, and why those of Lamina are missing, if they are."""
    if LAMINA_MISSING is None:
        return SCHEMES, None
    return {name: scheme for name, scheme in SCHEMES.items() if not scheme.needs_lamina}, LAMINA_MISSING
