"""Make a `slim` detector of a `wide` one: its two full 3x3 convolutions become ones of low rank.

    slim_face.py DATA WIDE OUT.pt

WIDE is a checkpoint or weights (`.npz`). What a full convolution answers on `CANVASES` training canvases is
laid on its first principal components (Zhang et al., *Accelerating Very Deep Convolutional Networks*, 2015):
a 3x3 gives those, a 1x1 brings them back. OUT.pt is a checkpoint without steps behind it, to settle with
``train_face.py --settle OUT.pt``; the share of the answers' variance that is kept is printed.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from face_canvases import training_canvases
from face_net import SHAPES, FaceNet, Full, Narrow, net_input, read_weights

CANVASES: Final = 128


def slimmed(wide: FaceNet, slim: FaceNet, pictures: torch.Tensor) -> None:
    """Fill `slim` so that it answers as nearly as it can what `wide` does."""
    slim.load_state_dict(wide.state_dict(), strict=False)
    answers: dict[str, torch.Tensor] = {}
    blocks = {name: block for name, block in wide.named_modules() if isinstance(block, Full)}
    hooks = [
        block.conv.register_forward_hook(
            lambda _, __, out, name=name: answers.update({name: out.permute(0, 2, 3, 1).flatten(0, 2)})
        )
        for name, block in blocks.items()
    ]
    wide.eval()(pictures)
    for hook in hooks:
        hook.remove()
    targets = dict(slim.named_modules())
    for name, block in blocks.items():
        target = targets[name]
        assert isinstance(target, Narrow), name
        few = target.low.conv.out_channels
        mean = answers[name].mean(0)
        spread, axes = torch.linalg.eigh(torch.cov(answers[name].T))
        axes = axes[:, -few:]
        print(f"{name}: {few} of {len(spread)} channels keep {spread[-few:].sum() / spread.sum():.3f}")
        folded = torch.nn.utils.fuse_conv_bn_eval(block.conv.conv, block.conv.norm.eval())
        target.low.conv.weight.copy_(torch.einsum("or,oikl->rikl", axes, folded.weight))
        target.up.conv.weight.copy_(axes[..., None, None])
        few_answers = (answers[name] - folded.bias) @ axes
        _answer_with(target.low.norm, few_answers, torch.zeros(few))
        _answer_with(target.up.norm, few_answers @ axes.T, mean + axes @ (axes.T @ (folded.bias - mean)))


def _answer_with(norm: torch.nn.Module, answers: torch.Tensor, bias: torch.Tensor) -> None:
    """Set a batch norm to what `answers` have, and to change them by nothing but `bias`."""
    assert isinstance(norm, torch.nn.BatchNorm2d)
    norm.running_mean.copy_(answers.mean(0))
    norm.running_var.copy_(answers.var(0))
    norm.weight.copy_((norm.running_var + norm.eps).sqrt())
    norm.bias.copy_(bias + norm.running_mean)


def main() -> None:
    """Write the checkpoint."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("wide", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    pictures = net_input(training_canvases(args.data, 0).batch(CANVASES)[0])
    shape, weights = read_weights(args.wide)
    wide, slim = FaceNet(SHAPES[shape]), FaceNet(SHAPES["slim"])
    wide.load_state_dict(weights, strict=False)  # weights from .npz have no counts of batches
    with torch.no_grad():
        slimmed(wide, slim, pictures)
    optimizer = torch.optim.AdamW(slim.parameters())
    torch.save(
        {
            "net": slim.state_dict(),
            "ema": slim.state_dict(),
            "optimizer": optimizer.state_dict(),
            "step": 0,
            "seen": 0,
            "elapsed": 0.0,
            "since": 0,
            "seen_before": 0,
            "shape": "slim",
            "seed": 0,
        },
        args.out,
    )
    with torch.inference_mode():
        difference = (wide.eval()(pictures[:8]) - slim.eval()(pictures[:8]))[..., 0]
    print(f"{args.out}: the scores differ by {difference.std():.3f} (one standard deviation)")


if __name__ == "__main__":
    main()
