"""Trains a small network on real text or real pictures with DistributedDataParallel and compressed gradients.

    python Examples/PyTorch/prepare_data.py
    torchrun --nproc-per-node 2 Examples/PyTorch/train_ddp.py --compression lamina --bits 4
    torchrun --nproc-per-node 2 Examples/PyTorch/train_ddp.py --task images --compression none

Prints the loss on data that is not trained on, the accuracy, what a worker sent in a step, and the time of a step.
--out appends the same as lines of JSON. --save and --resume take the folder of a checkpoint; a resumed run ends with
the parameters of the uninterrupted one, bit for bit, and with --compression lamina may have another number of workers.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

import torch
import torch.distributed as dist

import checkpoints
import compression
import datasets
import models
import workers

CONTEXT = 128


def flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=["text", "images"], default="text")
    parser.add_argument("--data", type=Path, help="a folder with .txt files, or with mnist_5k.csv.gz")
    parser.add_argument("--steps", type=int, default=300, help="steps of the whole run, those of --resume included")
    parser.add_argument("--batch", type=int, default=16, help="examples of a worker in a step")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="of AdamW")
    parser.add_argument("--seed", type=int, default=1)
    compression.add_flags(parser)
    parser.add_argument("--evaluate-every", type=int, default=100)
    parser.add_argument("--save", type=Path, help="the folder of the checkpoint that is written at the end")
    parser.add_argument("--resume", type=Path, help="the folder of a checkpoint to go on from")
    parser.add_argument("--out", type=Path, help="a file to which each evaluation is appended as JSON")
    return parser.parse_args()


def evaluate(model: torch.nn.Module, data) -> dict:
    """The loss, in nats per byte or picture, and the share of right answers on data that is not trained on."""
    inputs, targets = data.held_out()
    model.eval()
    with torch.no_grad():
        scores = model(inputs)
    model.train()
    right = (scores.argmax(-1) == targets).float().mean().item()
    return {"loss": models.task_loss(scores, targets).item(), "accuracy": right}


def main() -> None:
    arguments = flags()
    rank = dist.get_rank()
    if arguments.task == "text":
        data = datasets.Text(arguments.data or datasets.DATA / "text", CONTEXT)
    else:
        data = datasets.Digits(arguments.data or datasets.DATA / "digits")
    torch.manual_seed(arguments.seed)
    network = models.TextTransformer(CONTEXT) if arguments.task == "text" else models.DigitClassifier()
    model = compression.distribute(network, arguments)
    optimizer = torch.optim.AdamW(network.parameters(), lr=arguments.learning_rate)

    def loss_of(step: int) -> torch.Tensor:
        inputs, targets = data.batch(arguments.batch, datasets.draws(arguments.seed, step, rank))
        return models.task_loss(model(inputs), targets)

    compression.settle_buckets(model, loss_of(0))
    hook_state = compression.register(model, arguments)
    parts = {"model": network, "optimizer": optimizer}
    first = checkpoints.load(arguments.resume, parts, hook_state) if arguments.resume else 0
    sent = workers.SentBytes()
    times, sent_before = [], sent.per_worker()
    for step in range(first + 1, arguments.steps + 1):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss_of(step).backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
        if step % arguments.evaluate_every == 0 or step == arguments.steps:
            bytes_per_step = (sent.per_worker() - sent_before) / len(times)
            if rank == 0:
                result = {
                    "step": step, **evaluate(network, data), "bytes_per_step": bytes_per_step,
                    "step_seconds": statistics.median(times)}
                report(arguments, result)
            dist.barrier()
            times, sent_before = [], sent.per_worker()
    workers.say(f"parameters {workers.parameter_digest(network)}, the same on {dist.get_world_size()} workers")
    if arguments.save:
        checkpoints.save(arguments.save, arguments.steps, parts, hook_state)


def report(arguments: argparse.Namespace, result: dict) -> None:
    workers.say(
        f"step {result['step']:5}  loss {result['loss']:.4f}  accuracy {100 * result['accuracy']:.2f} %  "
        f"sent {result['bytes_per_step'] / 1e6:.3f} MB a step  {1000 * result['step_seconds']:.1f} ms a step")
    if arguments.out:
        run = {name: getattr(arguments, name) for name in ("task", "compression", "bits", "quantizer", "rank", "seed")}
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        with open(arguments.out, "a") as file:
            print(json.dumps({**run, "workers": int(os.environ["WORLD_SIZE"]), **result}), file=file)


if __name__ == "__main__":
    workers.run(main)
