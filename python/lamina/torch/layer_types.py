"""Layer types of the parameters of a network, from its modules."""

from __future__ import annotations

from torch import nn
from torch.nn.utils.parametrize import ParametrizationList

from ..rules import standard_type

_NORMALISATION = (
    nn.modules.batchnorm._NormBase,
    nn.LayerNorm,
    nn.GroupNorm,
    nn.LocalResponseNorm,
)
_BY_MODULE: tuple[tuple[tuple[type[nn.Module], ...], str], ...] = (
    ((nn.Embedding, nn.EmbeddingBag), "embedding"),
    ((nn.MultiheadAttention,), "attention"),
    ((nn.modules.conv._ConvTransposeNd,), "transposed-convolution"),
    ((nn.modules.conv._ConvNd,), "convolution"),
    ((nn.RNNBase, nn.RNNCellBase), "recurrent"),
)


def layer_types(model: nn.Module) -> dict[str, str]:
    """The layer type of every parameter, by its name in ``model.named_parameters()``.

    Biases are "bias" whatever module they are of, the parameters of normalisation "normalisation"; then "embedding",
    "attention" (also linear layers inside a module whose class or name says attention), "transposed-convolution",
    "convolution", "recurrent" and "linear". Parameters of other modules get the type of the standard rules for their
    names, and where these know none, "linear" with two or more dimensions and "bias" with fewer.
    """
    modules = dict(model.named_modules())
    return {name: _type(name, parameter, modules) for name, parameter in model.named_parameters()}


def _type(name: str, parameter: nn.Parameter, modules: dict[str, nn.Module]) -> str:
    owner, _, own = name.rpartition(".")
    # What torch.nn.utils.parametrize keeps of a weight belongs to the module of the weight.
    parametrized, _, weight = owner.rpartition("parametrizations.")
    if weight and isinstance(modules[owner], ParametrizationList):
        owner, own = parametrized.removesuffix("."), weight
    module = modules[owner]
    if own == "bias" or own.startswith("bias_") or own.endswith("_bias"):
        return "bias"
    if isinstance(module, _NORMALISATION) or "norm" in type(module).__name__.lower():
        return "normalisation"
    for kinds, layer_type in _BY_MODULE:
        if isinstance(module, kinds):
            return layer_type
    if isinstance(module, (nn.Linear, nn.Bilinear)):
        return "attention" if _is_attention(owner, modules) else "linear"
    return standard_type(name) or ("linear" if parameter.dim() >= 2 else "bias")


def _is_attention(path: str, modules: dict[str, nn.Module]) -> bool:
    while path:
        if "attention" in type(modules[path]).__name__.lower() or standard_type(f"{path}.weight") == "attention":
            return True
        path = path.rpartition(".")[0]
    return False
