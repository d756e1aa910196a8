"""The face detector as a torch module whose padding is TFLite's: exported, it is the same to the last bit.

Design notes
============
1. Input ``float [B, 1, 240, 320]``, luma as ``(x - 128) / 128``. Output ``float [B, 1580, 5]``: a score
   logit, then `tx, ty, tw, th` of each anchor; anchors run row by row through the grids of stride 8, 16 and
   32.
2. A box has its centre at ``(column + .5 + tx, row + .5 + ty) * stride`` and the size ``prior * exp(tw),
   prior * exp(th)``: no anchor shapes, one prior a stride (FCOS, Tian et al. 2019, with sizes as in YOLOX, Ge
   et al. 2021).
3. Padding is TFLite's SAME: for stride 2 an even side gets one row or column at its far end only, an odd one
   at both.
4. Every convolution is followed by a BatchNorm that `fold` melts into it; then `layers` names each weight for
   the export.
5. A `Shape` says how wide and how deep. Shapes share the names of their layers, and a block that a larger
   shape has in addition starts as the identity: a smaller net's weights, copied into the first channels, are
   a start for a larger one.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from face_look import PRIORS, STRIDES
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

HEIGHT: Final = 240
WIDTH: Final = 320
GRIDS: Final = tuple((-(-HEIGHT // stride), -(-WIDTH // stride)) for stride in STRIDES)
"""Rows and columns of each stride's grid: 30x40, 15x20, 8x10."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """A stride-2 convolution, then `pairs` blocks of `Pair`, then `full` ones."""

    channels: int
    pairs: int
    full: int = 0
    narrow: int = 0
    """Channels that a full block passes through (`Narrow` in place of `Full`); 0: all."""


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """How wide and how deep a net is."""

    stem: tuple[int, int]
    """Channels at strides 2 and 4."""
    stages: tuple[Stage, Stage, Stage]
    """The stages that end at strides 8, 16 and 32."""


SHAPES: Final = {
    "light": Shape((8, 24), (Stage(48, 3), Stage(64, 3), Stage(96, 2))),
    "wide": Shape((12, 32), (Stage(48, 3, 1), Stage(64, 3, 1), Stage(96, 2))),
    "slim": Shape((12, 32), (Stage(48, 3, 1, 32), Stage(64, 3, 1, 24), Stage(96, 2))),
}
"""light: 59 million multiply-adds a window, 0.17 million weights; wide: 108 million, 0.24 million.

slim, which `slim_face.py` makes of a wide one: 95 million, 0.21 million.
"""


class Conv(nn.Module):
    """Convolution with SAME padding, BatchNorm and, if asked, ReLU."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        *,
        each: bool = False,
        relu: bool = True,
    ) -> None:
        """Prepare; `each` makes it depthwise."""
        super().__init__()
        self.kernel, self.stride, self.relu = kernel, stride, relu
        groups = inputs if each else 1
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=False, groups=groups)
        self.norm: nn.Module = nn.BatchNorm2d(outputs, momentum=0.03, eps=1e-3)
        if stride == 1:
            self.conv.padding = (kernel // 2, kernel // 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the activations."""
        if self.stride == 2:
            before_y, before_x = x.shape[2] % 2, x.shape[3] % 2
            x = functional.pad(x, (before_x, 1, before_y, 1))
        x = self.norm(self.conv(x))
        return functional.relu(x, inplace=True) if self.relu else x


class Pair(nn.Module):
    """A depthwise 3x3 and a 1x1 with a shortcut around both: ``relu(x + pw(relu(dw(x))))``."""

    def __init__(self, channels: int) -> None:
        """Prepare for `channels` in and out."""
        super().__init__()
        self.dw = Conv(channels, channels, 3, each=True)
        self.pw = Conv(channels, channels, 1, relu=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the activations."""
        return functional.relu(x + self.pw(self.dw(x)))


class Full(nn.Module):
    """A full 3x3 convolution beside a shortcut, ``relu(x + conv(x))``; fresh, it changes nothing."""

    def __init__(self, channels: int) -> None:
        """Prepare for `channels` in and out."""
        super().__init__()
        self.conv = Conv(channels, channels, 3, relu=False)
        nn.init.zeros_(self.conv.norm.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the activations."""
        return functional.relu(x + self.conv(x))


class Narrow(nn.Module):
    """A `Full` of low rank: ``relu(x + up(low(x)))``, a 3x3 into few channels and a 1x1 back, both linear."""

    def __init__(self, channels: int, few: int) -> None:
        """Prepare for `channels` in and out."""
        super().__init__()
        self.low = Conv(channels, few, 3, relu=False)
        self.up = Conv(few, channels, 1, relu=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the activations."""
        return functional.relu(x + self.up(self.low(x)))


class Head(nn.Module):
    """A `Pair`, then five numbers an anchor."""

    def __init__(self, channels: int) -> None:
        """Prepare; the score starts at a probability of .01 (Lin et al., *Focal Loss*, 2017)."""
        super().__init__()
        self.pair = Pair(channels)
        self.out = nn.Conv2d(channels, 5, 1)
        nn.init.normal_(self.out.weight, std=0.01)
        nn.init.zeros_(self.out.bias)
        with torch.no_grad():
            self.out.bias[0] = -4.6

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``[B, rows * columns, 5]``."""
        x = self.out(self.pair(x))
        return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, 5)


def _stage(inputs: int, stage: Stage) -> nn.Sequential:
    blocks = [
        *(Pair(stage.channels) for _ in range(stage.pairs)),
        *(
            Narrow(stage.channels, stage.narrow) if stage.narrow else Full(stage.channels)
            for _ in range(stage.full)
        ),
    ]
    return nn.Sequential(Conv(inputs, stage.channels, 3, 2), *blocks)


class FaceNet(nn.Module):
    """A stem that is not starved, three strides with a head each, a small top-down path."""

    def __init__(self, shape: Shape) -> None:
        """Prepare with fresh weights."""
        super().__init__()
        first, second = shape.stem
        fine, middle, coarse = (stage.channels for stage in shape.stages)
        self.stem = nn.Sequential(Conv(1, first, 3, 2), Conv(first, second, 3, 2))
        self.c3 = _stage(second, shape.stages[0])
        self.c4 = _stage(fine, shape.stages[1])
        self.c5 = _stage(middle, shape.stages[2])
        self.down5 = Conv(coarse, middle, 1)
        self.p4 = Pair(middle)
        self.down4 = Conv(middle, fine, 1)
        self.heads = nn.ModuleList([Head(fine), Head(middle), Head(coarse)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the raw numbers of all anchors, float32 ``[B, 1580, 5]``."""
        c3 = self.c3(self.stem(x))
        c4 = self.c4(c3)
        c5 = self.c5(c4)
        up = functional.interpolate(self.down5(c5), scale_factor=2.0, mode="nearest")
        p4 = self.p4(c4 + up[:, :, : c4.shape[2], : c4.shape[3]])
        p3 = c3 + functional.interpolate(self.down4(p4), scale_factor=2.0, mode="nearest")
        return torch.cat(
            [head(level) for head, level in zip(self.heads, (p3, p4, c5), strict=True)], 1
        ).float()


def net_input(pictures: NDArray[np.uint8]) -> torch.Tensor:
    """Return luma uint8 [B, 240, 320] as the net takes it: float [B, 1, 240, 320]."""
    return ((torch.from_numpy(pictures).float() - 128) / 128)[:, None]


def read_weights(file: Path) -> tuple[str, dict[str, torch.Tensor]]:
    """Return the shape's name and the averaged weights of a file.

    The file is a checkpoint (`.pt`) or one of `write_weights` (`.npz`).
    """
    if file.suffix == ".npz":
        with np.load(file) as stored:
            weights = {
                name: torch.from_numpy(stored[name].astype(np.float32))
                for name in stored.files
                if name != "shape"
            }
            return str(stored["shape"]), weights
    stored = torch.load(file, weights_only=True)
    return stored["shape"], stored["ema"]


def write_weights(file: Path, shape: str, weights: Mapping[str, torch.Tensor]) -> None:
    """Write weights and running statistics as float16 arrays."""
    arrays = {
        name: value.numpy().astype(np.float16) for name, value in weights.items() if value.is_floating_point()
    }
    np.savez_compressed(file, shape=np.array(shape), **arrays)


def anchors() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the anchors' centres ``[1580, 2]`` (x, y in pixels), strides and priors ``[1580, 1]``."""
    centres, strides, priors = [], [], []
    for stride, prior, (rows, columns) in zip(STRIDES, PRIORS, GRIDS, strict=True):
        y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        centres.append((torch.stack([x, y], -1).reshape(-1, 2).float() + 0.5) * stride)
        strides.append(torch.full((rows * columns, 1), float(stride)))
        priors.append(torch.full((rows * columns, 1), prior))
    return torch.cat(centres), torch.cat(strides), torch.cat(priors)


def count_macs(net: FaceNet) -> int:
    """Return the multiply-adds of one window."""
    total = 0

    def add(layer: nn.Module, _: object, out: torch.Tensor) -> None:
        nonlocal total
        total += layer.weight.numel() * out.shape[2] * out.shape[3]

    hooks = [layer.register_forward_hook(add) for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    was_training = net.training
    with torch.inference_mode():
        net.eval()(torch.zeros(1, 1, HEIGHT, WIDTH))
    net.train(was_training)
    for hook in hooks:
        hook.remove()
    return total


def fold(net: FaceNet) -> FaceNet:
    """Melt every BatchNorm of `net` (in place) into the convolution before it, and return the net."""
    for layer in net.modules():
        if isinstance(layer, Conv) and isinstance(layer.norm, nn.BatchNorm2d):
            layer.conv = nn.utils.fuse_conv_bn_eval(layer.conv.eval(), layer.norm.eval())
            layer.norm = nn.Identity()
    return net.eval()


def layers(net: FaceNet) -> Iterator[tuple[str, nn.Conv2d]]:
    """Yield each convolution of a folded net under its dotted name."""
    for name, layer in net.named_modules():
        if isinstance(layer, nn.Conv2d):
            yield name, layer
