"""Trains a small Wasserstein GAN on handwritten digits with DistributedDataParallel, one exchange in a step.

    python Examples/PyTorch/prepare_data.py digits
    torchrun --nproc-per-node 2 Examples/PyTorch/train_gan.py --optimizer qoda --compression lamina --bits 5

Both players are one module and one optimizer: a step takes one backward pass, one exchange and one move of both. Prints
the critic's estimate of the distance, a Fréchet distance to real pictures and what a worker sent, and draws the pictures
of an average of the generator. --save and --resume take the folder of a checkpoint.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch
import torch.distributed as dist

import checkpoints
import compression
import datasets
import models
import pictures
import workers
from generator_average import GeneratorAverage
from lamina.torch.optim import QODA, AdaptiveSteps, OptimisticAdam


def flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=datasets.DATA / "digits", help="a folder with mnist_5k.csv.gz")
    parser.add_argument("--optimizer", choices=["optimistic-adam", "qoda"], default="optimistic-adam")
    parser.add_argument("--learning-rate", type=float, help="1e-3 by default, and 8 for qoda")
    parser.add_argument("--leading-constant", type=float, default=1e7, help="of qoda: its sum before the first step")
    parser.add_argument("--steps", type=int, default=1000, help="steps of the whole run, those of --resume included")
    parser.add_argument("--batch", type=int, default=32, help="pictures of a worker in a step")
    parser.add_argument("--seed", type=int, default=1)
    compression.add_flags(parser)
    parser.add_argument("--evaluate-every", type=int, default=250)
    parser.add_argument("--pictures", type=Path, default=Path("runs/gan.png"), help="the file with a grid of pictures")
    parser.add_argument("--save", type=Path, help="the folder of the checkpoint that is written at the end")
    parser.add_argument("--resume", type=Path, help="the folder of a checkpoint to go on from")
    return parser.parse_args()


def optimizer_of(game: models.WassersteinGame, arguments: argparse.Namespace, hook_state) -> torch.optim.Optimizer:
    # The generator maximises the value that the critic minimises.
    players = [{"params": game.critic.parameters()}, {"params": game.generator.parameters(), "maximize": True}]
    if arguments.optimizer == "optimistic-adam":
        return OptimisticAdam(players, lr=arguments.learning_rate or 1e-3)
    return QODA(
        players, lr=arguments.learning_rate or 8, step_sizes=AdaptiveSteps(arguments.leading_constant),
        statistics=None if hook_state is None else hook_state.exchange_statistics)


def main() -> None:
    arguments = flags()
    rank = dist.get_rank()
    data = datasets.Digits(arguments.data)
    torch.manual_seed(arguments.seed)
    game = models.WassersteinGame()
    model = compression.distribute(game, arguments)

    def losses_of(step: int):
        random = datasets.draws(arguments.seed, step, rank)
        real = 2 * data.batch(arguments.batch, random)[0] - 1
        latents = torch.randn(arguments.batch, game.generator.latent, generator=random)
        return model(real, latents, torch.rand(arguments.batch, 1, 1, 1, generator=random))

    compression.settle_buckets(model, losses_of(0)[0])
    hook_state = compression.register(model, arguments)
    optimizer = optimizer_of(game, arguments, hook_state)
    average = GeneratorAverage(game.generator)
    parts = {"model": game, "optimizer": optimizer, "average": average}
    first = checkpoints.load(arguments.resume, parts, hook_state) if arguments.resume else 0
    distance = pictures.FrechetDistance(2 * data.training[0] - 1)
    workers.say(f"Fréchet distance of other real pictures {distance.to(2 * data.validation[0] - 1):.2f}")

    sent = workers.SentBytes()
    times, sent_before = [], sent.per_worker()
    for step in range(first + 1, arguments.steps + 1):
        start = time.perf_counter()
        optimizer.zero_grad()
        value, score = losses_of(step)
        value.backward()
        # The gradient was taken at the lookahead, which is the generator to be averaged.
        average.add(game.generator, step)
        optimizer.step()
        times.append(time.perf_counter() - start)
        if step % arguments.evaluate_every == 0 or step == arguments.steps:
            bytes_per_step = (sent.per_worker() - sent_before) / len(times)
            if rank == 0:
                found = average.generator(torch.randn(2000, game.generator.latent, generator=datasets.draws(0, 0, 0)))
                pictures.write_grid(found[:100], arguments.pictures)
                workers.say(
                    f"step {step:5}  critic {score.item():8.3f}  Fréchet {distance.to(found):7.2f}  "
                    f"sent {bytes_per_step / 1e6:.3f} MB a step  {1000 * statistics.median(times):.1f} ms a step")
            dist.barrier()
            times, sent_before = [], sent.per_worker()
    workers.say(f"parameters {workers.parameter_digest(game)}, the same on {dist.get_world_size()} workers")
    if arguments.save:
        checkpoints.save(arguments.save, arguments.steps, parts, hook_state)


if __name__ == "__main__":
    workers.run(main)
