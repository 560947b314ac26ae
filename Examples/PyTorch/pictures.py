"""Grids of pictures as PNG files, and a distance between sets of pictures."""

import struct
import zlib
from pathlib import Path

import torch


def write_grid(pictures: torch.Tensor, file: Path, columns: int = 10) -> None:
    """Writes pictures [n, 1, h, w] in -1...1 as a grid of grey, n a multiple of ``columns``."""
    count, _, height, width = pictures.shape
    rows = pictures.reshape(count // columns, columns, height, width).permute(0, 2, 1, 3)
    grey = ((rows.reshape(count // columns * height, columns * width) + 1) * 127.5).round().clamp(0, 255).byte()
    lines = b"".join(b"\0" + bytes(line.tolist()) for line in grey)
    header = struct.pack(">IIBBBBB", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks))


class FrechetDistance:
    """Fréchet distance to a set of real pictures on their first 64 principal components; not the FID of the literature.

    It sees shapes and collapse, and little of texture. Between two halves of the real pictures it is about the floor of
    what a generator can reach.
    """

    def __init__(self, real: torch.Tensor, components: int = 64) -> None:
        flat = real.flatten(1).double()
        self._center = flat.mean(0)
        self._axes = torch.linalg.svd(flat - self._center, full_matrices=False).Vh[:components].T
        self._mean, self._covariance = self._moments(real)

    def _moments(self, pictures: torch.Tensor):
        features = (pictures.flatten(1).double() - self._center) @ self._axes
        return features.mean(0), features.T.cov()

    def to(self, pictures: torch.Tensor) -> float:
        """‖m − m′‖² + tr(C + C′ − 2 (C C′)^½) for pictures [n, 1, h, w], n well above 64."""
        mean, covariance = self._moments(pictures)
        values, vectors = torch.linalg.eigh(self._covariance)
        root = vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
        cross = torch.linalg.eigvalsh(root @ covariance @ root).clamp(min=0).sqrt().sum()
        shift = (mean - self._mean).square().sum()
        return (shift + self._covariance.trace() + covariance.trace() - 2 * cross).item()
