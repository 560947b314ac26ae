"""What the hook itself takes, beside the network: time by stage for a million parameters, and memory for each parameter.

usage: torchrun --standalone --nproc-per-node 2 Benchmarks/ddp/overhead.py [--parameters N] [--steps N]

The gradient of one long parameter is there at once, so that no stage waits for the backward pass. Prints a table of rank 0.
"""

import argparse
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
from lamina.torch import LaminaState, lamina_hook  # noqa: E402

STAGES = ("copy_in", "encode", "decode", "agree", "copy_out")
SCHEMES = {
    "4 bits": dict(bits=4),
    "4 bits, error feedback": dict(bits=4, error_feedback=True),
    "dithered 3 bits": dict(bits=3, quantizer="dithered"),
    "dithered 3 bits, scatter-reduce": dict(bits=3, quantizer="dithered", reduction="scatter-reduce"),
}


class Vector(nn.Module):
    """A network of one parameter, whose gradient is its input."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(count // 1000, 1000))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return (self.weight * inputs).sum()


def resident_bytes() -> int:
    """The memory that this process occupies."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def measure(count: int, steps: int, settings: dict) -> tuple:
    """Milliseconds by stage for a million parameters, and bytes for each parameter."""
    network = DistributedDataParallel(Vector(count))
    inputs = torch.randn(count // 1000, 1000, generator=torch.Generator().manual_seed(dist.get_rank()))
    network(inputs).backward()
    before = resident_bytes()
    state = LaminaState(network, **settings)
    network.register_comm_hook(state, lamina_hook)
    for _ in range(3):
        network(inputs).backward()
    memory = resident_bytes() - before
    start = dict(state.statistics.seconds)
    for _ in range(steps):
        network(inputs).backward()
    millions = count / 1e6
    times = [1e3 * (state.statistics.seconds[stage] - start[stage]) / steps / millions for stage in STAGES]
    return times, memory / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parameters", type=int, default=10_000_000, help="a multiple of 1,000")
    parser.add_argument("--steps", type=int, default=20)
    arguments = parser.parse_args()
    dist.init_process_group("gloo")
    torch.set_num_threads(1)
    if dist.get_rank() == 0:
        print(f"| {arguments.parameters:,} parameters, ms a million | " + " | ".join(STAGES) + " | bytes a parameter |")
        print("|---" * (len(STAGES) + 2) + "|")
    for title, settings in SCHEMES.items():
        times, memory = measure(arguments.parameters, arguments.steps, settings)
        if dist.get_rank() == 0:
            print(f"| {title} | " + " | ".join(f"{value:.2f}" for value in times) + f" | {memory:.1f} |", flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
