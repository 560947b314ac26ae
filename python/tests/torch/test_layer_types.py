"""The layer types of networks as people write them."""

import unittest

import torch
from torch import nn

from lamina import InvalidArgument
from lamina.torch import layer_types
from lamina.torch.layout import Layout


class CausalSelfAttention(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = CausalSelfAttention(width)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)})


class GPT(nn.Module):
    """As nanoGPT has it: the embedding is the last layer, too."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(100, 16), "wpe": nn.Embedding(32, 16), "h": nn.ModuleList([Block(16)]),
            "ln_f": nn.LayerNorm(16),
        })  # fmt: skip
        self.lm_head = nn.Linear(16, 100, bias=False)
        self.lm_head.weight = self.transformer["wte"].weight


class RMSNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(16))


class LayerTypeTests(unittest.TestCase):
    def check(self, model: nn.Module, wanted: dict[str, str]) -> None:
        found = layer_types(model)
        self.assertEqual(list(found), [name for name, _ in model.named_parameters()])
        for name, layer_type in wanted.items():
            matching = [each for each in found if each == name or each.endswith("." + name)]
            self.assertTrue(matching, name)
            for each in matching:
                self.assertEqual(found[each], layer_type, each)

    def test_transformer(self) -> None:
        self.check(
            nn.Transformer(16, 2, 1, 1, 32, batch_first=True),
            {
                "self_attn.in_proj_weight": "attention", "self_attn.in_proj_bias": "bias",
                "self_attn.out_proj.weight": "attention", "multihead_attn.out_proj.bias": "bias",
                "multihead_attn.in_proj_weight": "attention", "linear1.weight": "linear", "linear2.bias": "bias",
                "norm1.weight": "normalisation", "norm1.bias": "bias", "encoder.norm.weight": "normalisation",
            },
        )  # fmt: skip

    def test_attention_with_keys_of_other_widths(self) -> None:
        self.check(
            nn.Sequential(nn.MultiheadAttention(16, 2, add_bias_kv=True, kdim=8, vdim=4)),
            {"q_proj_weight": "attention", "k_proj_weight": "attention", "bias_k": "bias", "out_proj.weight": "attention"},
        )

    def test_gpt(self) -> None:
        self.check(
            GPT(),
            {
                "wte.weight": "embedding", "wpe.weight": "embedding", "attn.c_attn.weight": "attention",
                "attn.c_proj.weight": "attention", "attn.c_proj.bias": "bias", "mlp.c_fc.weight": "linear",
                "mlp.c_proj.weight": "linear", "ln_1.weight": "normalisation", "ln_f.bias": "bias",
            },
        )  # fmt: skip
        self.assertNotIn("lm_head.weight", layer_types(GPT()))

    def test_convolutions(self) -> None:
        block = nn.ModuleDict({
            "conv1": nn.Conv2d(3, 8, 3, bias=False), "bn1": nn.BatchNorm2d(8), "gn": nn.GroupNorm(2, 8), "fc": nn.Linear(8, 4),
            "downsample": nn.Sequential(nn.Conv2d(3, 8, 1), nn.BatchNorm2d(8)), "sync": nn.SyncBatchNorm(8),
            "instance": nn.InstanceNorm1d(4, affine=True), "lazy": nn.Conv3d(1, 2, 3), "prelu": nn.PReLU(),
        })  # fmt: skip
        self.check(
            block,
            {
                "conv1.weight": "convolution", "bn1.weight": "normalisation", "bn1.bias": "bias",
                "gn.weight": "normalisation", "downsample.0.weight": "convolution", "downsample.0.bias": "bias",
                "downsample.1.weight": "normalisation", "sync.weight": "normalisation", "fc.weight": "linear",
                "instance.weight": "normalisation", "lazy.weight": "convolution", "prelu.weight": "bias",
            },
        )  # fmt: skip

    def test_recurrent(self) -> None:
        self.check(
            nn.ModuleDict({
                "lstm": nn.LSTM(8, 16, 2, bidirectional=True, proj_size=4), "cell": nn.GRUCell(8, 8),
                "embed": nn.EmbeddingBag(9, 8),
            }),
            {
                "lstm.weight_ih_l0": "recurrent", "lstm.weight_hh_l1_reverse": "recurrent", "lstm.bias_ih_l0": "bias",
                "lstm.weight_hr_l0": "recurrent", "cell.weight_ih": "recurrent", "cell.bias_hh": "bias",
                "embed.weight": "embedding",
            },
        )  # fmt: skip

    def test_generator(self) -> None:
        generator = nn.Sequential(nn.Linear(8, 64), nn.BatchNorm1d(64), nn.ConvTranspose2d(4, 2, 4), nn.Conv2d(2, 3, 3))
        self.check(
            generator,
            {
                "0.weight": "linear", "1.weight": "normalisation", "2.weight": "transposed-convolution", "2.bias": "bias",
                "3.weight": "convolution",
            },
        )  # fmt: skip

    def test_weights_under_parametrizations(self) -> None:
        self.check(
            nn.ModuleDict({
                "spectral": nn.utils.parametrizations.spectral_norm(nn.Conv2d(2, 3, 3)),
                "weight": nn.utils.parametrizations.weight_norm(nn.Linear(4, 5)),
            }),
            {
                "spectral.parametrizations.weight.original": "convolution", "spectral.bias": "bias",
                "weight.parametrizations.weight.original1": "linear",
            },
        )  # fmt: skip

    def test_parameters_of_modules_of_ones_own(self) -> None:
        class Own(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.table, self.gain = nn.Parameter(torch.zeros(4, 4)), nn.Parameter(torch.zeros(4))
                self.norm, self.cls_token = RMSNorm(), nn.Parameter(torch.zeros(1, 1, 8))
                self.out_bias = nn.Parameter(torch.zeros(3))

        self.check(Own(), {"table": "linear", "gain": "bias", "norm.weight": "normalisation", "out_bias": "bias"})


class LayoutTests(unittest.TestCase):
    def test_parameters_lie_one_after_the_other(self) -> None:
        model = GPT()
        model.transformer["wpe"].requires_grad_(False)
        layout = Layout(model)
        trained = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
        self.assertEqual(layout.dimension, sum(parameter.numel() for parameter in trained.values()))
        self.assertEqual([layer.name for layer in layout.layers], list(trained))
        end = 0
        for name, parameter in trained.items():
            slot = layout.slot(parameter)
            self.assertEqual((slot.name, slot.start, slot.count), (name, end, parameter.numel()))
            end += slot.count
        with self.assertRaisesRegex(InvalidArgument, r"shape \(32, 16\) was not in the network"):
            layout.slot(model.transformer["wpe"].weight)


if __name__ == "__main__":
    unittest.main()
