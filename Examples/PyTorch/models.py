"""Three small networks: of text, of classes of pictures, and a pair that draws pictures."""

from typing import Tuple

import torch
from torch import nn
from torch.nn import functional


class TextTransformer(nn.Module):
    """Predicts the next byte: a transformer with causal attention and normalisation before each part."""

    def __init__(self, context: int, width: int = 128, depth: int = 4, heads: int = 4) -> None:
        super().__init__()
        self.embedding = nn.Embedding(256, width)
        self.position = nn.Parameter(0.02 * torch.randn(context, width))
        layer = nn.TransformerEncoderLayer(width, heads, 4 * width, dropout=0.0, batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(width), enable_nested_tensor=False)
        self.output = nn.Linear(width, 256)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(context), persistent=False)

    def forward(self, text: torch.Tensor) -> torch.Tensor:
        """Scores [n, context, 256] of the byte that follows each byte of [n, context]."""
        x = self.embedding(text) + self.position
        return self.output(self.layers(x, mask=self.mask, is_causal=True))


class DigitClassifier(nn.Sequential):
    """Two convolutions and two linear layers: scores [n, 10] of pictures [n, 1, 28, 28]."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(32 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10))


class Generator(nn.Module):
    """Pictures [n, 1, 28, 28] in -1...1 from latent vectors [n, latent]."""

    def __init__(self, latent: int = 64, width: int = 32) -> None:
        super().__init__()
        self.latent = latent
        # Normalised by groups of channels: by the batch, workers would normalise differently.
        self.layers = nn.Sequential(
            nn.Linear(latent, 4 * width * 16), nn.Unflatten(1, (4 * width, 4, 4)),
            nn.GroupNorm(8, 4 * width), nn.ReLU(),
            nn.ConvTranspose2d(4 * width, 2 * width, 3, stride=2, padding=1), nn.GroupNorm(8, 2 * width), nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1), nn.GroupNorm(8, width), nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1), nn.Tanh())

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return self.layers(latents)


class Critic(nn.Sequential):
    """Scores [n] of pictures [n, 1, 28, 28]; without normalisation, as the gradient penalty asks."""

    def __init__(self, width: int = 32) -> None:
        super().__init__(
            nn.Conv2d(1, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(4 * width, 1, 4), nn.Flatten(0))


class WassersteinGame(nn.Module):
    """Both players of a Wasserstein GAN with gradient penalty (arXiv 1704.00028) as one module, so that one backward
    pass and one exchange serve both.

    With W = mean D(G(z)) - mean D(x), the critic minimises W + penalty and the generator maximises W. The penalty does
    not depend on the generator, so that one value is differentiated, which one minimises and the other maximises.
    """

    def __init__(self, penalty: float = 10.0) -> None:
        super().__init__()
        self.generator = Generator()
        self.critic = Critic()
        self.penalty = penalty

    def forward(
        self, real: torch.Tensor, latents: torch.Tensor, mix: torch.Tensor
    ) -> Tuple[torch.Tensor, torch.Tensor]:
        """W + penalty and W, on real pictures, latent vectors and numbers in 0...1 [n, 1, 1, 1]."""
        fake = self.generator(latents)
        distance = self.critic(fake).mean() - self.critic(real).mean()
        between = torch.lerp(real, fake.detach(), mix).requires_grad_(True)
        (slope,) = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)
        return distance + self.penalty * (slope.flatten(1).norm(dim=1) - 1).square().mean(), distance.detach()


def task_loss(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy, in nats, of scores [..., classes] and targets [...]."""
    return functional.cross_entropy(scores.flatten(0, -2), targets.flatten())
