"""The expression net: a small residual net on 44x44 standardized luma, with one head per labelling.

All paddings are TensorFlow's SAME, so that `quantize_emotion.py` rebuilds exactly this function without PAD
operators. Layers (55 million multiply-adds, 0.76 million weights):

    3x3, 16            44 x 44
    3x3 / 2, 32        22 x 22
    residual 32        22 x 22
    residual 64 / 2    11 x 11, twice more at 64
    residual 128 / 2    6 x 6,  once more at 128
    mean over pixels, then two dense layers of seven: "ferplus" and "fer2013"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BLOCKS = ((32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1))
"""(channels in, channels out, stride) of the residual blocks."""
HEADS = ("ferplus", "fer2013")


class SameConv(nn.Module):
    """A convolution with SAME padding, batch norm and no bias.

    [N,C,H,W] -> [N,D,ceil(H/stride),ceil(W/stride)].
    """

    def __init__(self, channels: int, filters: int, size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.size, self.stride = size, stride
        self.conv = nn.Conv2d(channels, filters, size, stride, bias=False)
        self.norm = nn.BatchNorm2d(filters)

    def forward(self, x: Tensor) -> Tensor:
        pads = []
        for length in (x.shape[3], x.shape[2]):
            total = max((-(-length // self.stride) - 1) * self.stride + self.size - length, 0)
            pads += [total // 2, total - total // 2]
        return self.norm(self.conv(F.pad(x, pads) if any(pads) else x))


class Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut (mean pool and 1x1 where the shape changes)."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.first = SameConv(channels, filters, stride=stride)
        self.second = SameConv(filters, filters)
        self.shortcut = SameConv(channels, filters, 1) if channels != filters else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(F.relu(self.first(x)))
        if self.stride > 1:
            x = F.avg_pool2d(x, self.stride, self.stride, ceil_mode=True, count_include_pad=False)
        return F.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class EmotionNet(nn.Module):
    """[N,1,44,44] standardized luma -> logits [N,7] of each head, in FER2013 order."""

    def __init__(self, dropout: float = 0.2) -> None:
        super().__init__()
        self.stem = nn.ModuleList([SameConv(1, 16), SameConv(16, 32, stride=2)])
        self.blocks = nn.ModuleList([Residual(*block) for block in BLOCKS])
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict({name: nn.Linear(BLOCKS[-1][1], 7) for name in HEADS})

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        for conv in self.stem:
            x = F.relu(conv(x))
        for block in self.blocks:
            x = block(x)
        x = self.dropout(x.mean((2, 3)))
        return {name: head(x) for name, head in self.heads.items()}


def count_macs() -> int:
    """Return the multiply-adds of one face."""
    total = 0
    net = EmotionNet().eval()

    def add(module: nn.Module, _: object, out: Tensor) -> None:
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += module.weight.numel() * out.shape[2] * out.shape[3]
        elif isinstance(module, nn.Linear):
            total += module.weight.numel()

    for module in net.modules():
        module.register_forward_hook(add)
    net(torch.zeros(1, 1, 44, 44))
    return total


def write_weights(file: Path, weights: Mapping[str, Tensor], epoch: int) -> None:
    """Write weights after an epoch: kernels as int8 with a scale per output channel, all else as float16."""
    arrays: dict[str, Any] = {"epoch": np.array(epoch)}
    for name, value in weights.items():
        numbers = value.contiguous().numpy()
        if numbers.ndim > 1:
            scales = np.abs(numbers.reshape(len(numbers), -1)).max(1) / 127 + 1e-12
            arrays[name] = np.rint(numbers / scales.reshape(-1, *[1] * (numbers.ndim - 1))).astype(np.int8)
            arrays[name + ".scales"] = scales.astype(np.float32)
        elif value.is_floating_point():
            arrays[name] = numbers.astype(np.float16)
    np.savez_compressed(file, **arrays)


def read_weights(file: Path) -> tuple[dict[str, Tensor], int]:
    """Return the weights of a file of `write_weights`, and after which epoch they were written."""
    with np.load(file) as stored:
        weights = {}
        for name in stored.files:
            if name == "epoch" or name.endswith(".scales"):
                continue
            numbers = stored[name].astype(np.float32)
            if name + ".scales" in stored:
                numbers *= stored[name + ".scales"].reshape(-1, *[1] * (numbers.ndim - 1))
            weights[name] = torch.from_numpy(numbers)
        return weights, int(stored["epoch"])
