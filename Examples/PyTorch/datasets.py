"""Real text and real pictures, and batches of them that depend on seed, step and rank alone."""

import gzip
import sys
from pathlib import Path
from typing import Tuple

import torch

DATA = Path(__file__).resolve().parents[2] / "data"
PREPARE = "run: python Examples/PyTorch/prepare_data.py"


def draws(seed: int, step: int, rank: int) -> torch.Generator:
    """The random numbers of one step of one worker: a run that is resumed draws what it would have drawn."""
    return torch.Generator().manual_seed((seed * 1_000_003 + step) * 1_024 + rank)


class Text:
    """Bytes of all .txt files of a folder; every tenth file is for validation."""

    def __init__(self, folder: Path, context: int) -> None:
        files = sorted(folder.rglob("*.txt"))
        if len(files) < 10:
            sys.exit(f"'{folder}' must hold at least ten .txt files, and holds {len(files)}; {PREPARE} text")
        self.context = context
        self.training = _bytes(file for number, file in enumerate(files) if number % 10)
        self.validation = _bytes(files[::10])
        if min(len(self.training), len(self.validation)) <= context:
            sys.exit(f"The text in '{folder}' is shorter than a context of {context} bytes.")

    def batch(self, size: int, random: torch.Generator) -> Tuple[torch.Tensor, torch.Tensor]:
        """Bytes [size, context], and for each the byte that follows."""
        return self._windows(self.training, torch.randint(len(self.training) - self.context, (size,), generator=random))

    def held_out(self, count: int = 128) -> Tuple[torch.Tensor, torch.Tensor]:
        """As ``batch``, evenly spaced over the validation files."""
        return self._windows(self.validation, torch.linspace(0, len(self.validation) - self.context - 1, count).long())

    def _windows(self, text: torch.Tensor, starts: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
        windows = text[starts[:, None] + torch.arange(self.context + 1)].long()
        return windows[:, :-1], windows[:, 1:]


def _bytes(files) -> torch.Tensor:
    return torch.frombuffer(bytearray(b"\n".join(file.read_bytes() for file in files)), dtype=torch.uint8)


class Digits:
    """5,000 digits of MNIST as pictures [1, 28, 28] in 0...1; every tenth is for validation."""

    def __init__(self, folder: Path) -> None:
        file = folder / "mnist_5k.csv.gz"
        if not file.exists():
            sys.exit(f"There is no '{file}'; {PREPARE} digits")
        with gzip.open(file, "rt") as lines:
            rows = torch.tensor([[int(float(number)) for number in line.split(",")] for line in lines])
        images, labels = rows[:, :784].reshape(-1, 1, 28, 28).float() / 255, rows[:, 784].long()
        held_out = torch.arange(len(rows)) % 10 == 0
        self.training = (images[~held_out], labels[~held_out])
        self.validation = (images[held_out], labels[held_out])

    def batch(self, size: int, random: torch.Generator) -> Tuple[torch.Tensor, torch.Tensor]:
        """Pictures [size, 1, 28, 28] and their classes."""
        chosen = torch.randint(len(self.training[0]), (size,), generator=random)
        return self.training[0][chosen], self.training[1][chosen]

    def held_out(self) -> Tuple[torch.Tensor, torch.Tensor]:
        """All pictures for validation and their classes."""
        return self.validation
