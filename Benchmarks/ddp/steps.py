"""Times steps of DistributedDataParallel with every scheme in turn; one rank of what run.sh starts.

usage: RANK=... WORLD_SIZE=... MASTER_ADDR=... MASTER_PORT=... GLOO_SOCKET_IFNAME=eth0 python Benchmarks/ddp/steps.py
           --link-mbit RATE --out RESULTS.jsonl [--seconds-each S] [--schemes NAME...]

All schemes are timed in one run, on the same network and the same examples. A transformer of 10.9 million parameters
reads 128 bytes a step; that they are random changes no time. Rank 0 appends a line for each scheme: the median step of
the slowest rank, and the bytes that the system counted as sent on the interface, by the rank that sent most.
"""

import argparse
import gc
import json
import math
import os
import statistics
import sys
import time
from pathlib import Path

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Examples" / "PyTorch"))
import models  # noqa: E402
import schemes  # noqa: E402

CONTEXT, BATCH, WARM_UP, LEAST_STEPS = 64, 2, 3, 5


def sent_bytes() -> int:
    return int(Path(f"/sys/class/net/{os.environ['GLOO_SOCKET_IFNAME']}/statistics/tx_bytes").read_text())


def largest(value: float) -> float:
    """The largest of the ranks' values."""
    shared = torch.tensor([value], dtype=torch.float64)
    dist.all_reduce(shared, op=dist.ReduceOp.MAX)
    return shared.item()


def measure(scheme: schemes.Scheme, seconds: float) -> dict:
    """Trains with a scheme for about ``seconds`` and returns what the steps took, on the slowest rank."""
    torch.manual_seed(1)
    network = models.TextTransformer(CONTEXT, width=384, depth=6, heads=6)
    bucket = {} if scheme.bucket_megabytes is None else {"bucket_cap_mb": scheme.bucket_megabytes}
    model = DistributedDataParallel(network, **bucket)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    random = torch.Generator().manual_seed(dist.get_rank())
    backward_times = []

    def step() -> float:
        text = torch.randint(256, (BATCH, CONTEXT + 1), generator=random)
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = models.task_loss(model(text[:, :-1]), text[:, 1:])
        forward_end = time.perf_counter()
        loss.backward()
        backward_times.append(time.perf_counter() - forward_end)
        optimizer.step()
        return time.perf_counter() - start

    # Buckets are rearranged after the first step, and hooks remember vectors by bucket.
    step()
    state = scheme.register(model)
    warm = [step() for _ in range(WARM_UP)]
    # The automatic mode tries both ways first, and settles for one.
    while getattr(state, "mode", None) == "trial":
        warm.append(step())
    count = max(LEAST_STEPS, math.ceil(seconds / largest(warm[-1])))
    backward_times.clear()
    dist.barrier()
    before = sent_bytes()
    times = [step() for _ in range(count)]
    sent = (sent_bytes() - before) / count
    with model.no_sync():
        alone = statistics.median([step() for _ in range(3)])
    return {
        "steps": count, "step_seconds": largest(statistics.median(times)),
        "least_seconds": largest(min(times)), "backward_seconds": largest(statistics.median(backward_times[:count])),
        "alone_seconds": largest(alone), "sent_bytes": largest(sent),
        "mode": getattr(state, "mode", None), "parameters": sum(parameter.numel() for parameter in network.parameters())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--link-mbit", type=float, required=True, help="the rate of the links, for the record")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds-each", type=float, default=6, help="time for a scheme, without its first steps")
    parser.add_argument("--schemes", nargs="+", choices=list(schemes.SCHEMES), default=list(schemes.SCHEMES))
    arguments = parser.parse_args()
    dist.init_process_group("gloo")
    present, missing = schemes.available()
    skipped = [name for name in arguments.schemes if name not in present]
    if skipped and dist.get_rank() == 0:
        print(f"skipped {', '.join(skipped)}: lamina.torch cannot be imported ({missing})", file=sys.stderr)
    for name in arguments.schemes:
        if name in skipped:
            continue
        result = measure(present[name], arguments.seconds_each)
        if dist.get_rank() == 0:
            row = {"scheme": name, "workers": dist.get_world_size(), "link_mbit": arguments.link_mbit, **result}
            with open(arguments.out, "a") as file:
                print(json.dumps(row), file=file)
            print(f"{present[name].title}: {1000 * result['step_seconds']:.0f} ms a step", file=sys.stderr)
        # What a hook leaves behind must be gone before the group is.
        gc.collect()
        dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
