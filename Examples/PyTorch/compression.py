"""What compresses the gradients of DistributedDataParallel, chosen by flags."""

import argparse
import sys
from typing import Any, Optional

import torch
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks, powerSGD_hook
from torch.nn.parallel import DistributedDataParallel

# DistributedDataParallel rearranges its buckets after its first step, and PowerSGD remembers errors by bucket. The
# buckets are settled before its hook is registered, so that it may compress from the second step on.
_FIRST_COMPRESSED_STEP = 2


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--compression", choices=["none", "fp16", "powersgd", "lamina"], default="none")
    parser.add_argument("--bits", type=int, default=4, help="bits per coordinate, of lamina")
    parser.add_argument("--quantizer", choices=["levels", "dithered"], default="levels", help="of lamina")
    parser.add_argument("--rank", type=int, default=1, help="rank of the approximation, of powersgd")


def distribute(network: torch.nn.Module, arguments: argparse.Namespace) -> DistributedDataParallel:
    """The network with gradients that are averaged over workers."""
    if arguments.compression == "powersgd":
        # Its hook starts collectives from callbacks, whose order between buckets may differ from worker to worker. With
        # one bucket there is one order.
        return DistributedDataParallel(network, bucket_cap_mb=4096)
    return DistributedDataParallel(network)


def register(model: DistributedDataParallel, arguments: argparse.Namespace) -> Optional[Any]:
    """Registers the hook that the flags choose, before a backward pass that counts.

    Returns:
        What the hook remembers between steps, or None.
    """
    if arguments.compression == "none":
        return None
    if arguments.compression == "fp16":
        model.register_comm_hook(None, default_hooks.fp16_compress_hook)
        return None
    if arguments.compression == "powersgd":
        state = powerSGD_hook.PowerSGDState(
            None, matrix_approximation_rank=arguments.rank, start_powerSGD_iter=_FIRST_COMPRESSED_STEP)
        model.register_comm_hook(state, powerSGD_hook.powerSGD_hook)
        return state
    try:
        from lamina.torch import LaminaState, lamina_hook
    except ImportError as error:
        sys.exit(f"--compression lamina needs the package lamina ({error}); Documentation/PyTorch.md says how to install it.")
    state = LaminaState(model, bits=arguments.bits, quantizer=arguments.quantizer)
    model.register_comm_hook(state, lamina_hook)
    return state


def settle_buckets(model: DistributedDataParallel, loss: torch.Tensor) -> None:
    """Makes a backward pass that is thrown away, after which the buckets stay as they are.

    Without it a resumed run would begin with other buckets than the run that it continues.
    """
    loss.backward()
    model.zero_grad(set_to_none=True)
