#!/usr/bin/env python3
"""Train the expression net on FER2013 with FER+ votes.

    train_emotion.py DATA/fer2013 OUT [--epochs 120] [--seed 0] [--start resume/emotion.npz]

Writes OUT/last.pt after every epoch and OUT/emotion.pt, the averaged weights, at the end.  The schedule follows the epochs, not
the clock.  The same command again goes on from last.pt, which holds everything that the rest depends on (net, average,
optimizer, states of the random numbers): an interrupted run ends with the same weights as one that was not.  `--start` goes on
from the averaged weights that `keep_weights.py` wrote, where last.pt is lost.

Recipe: soft cross-entropy on the FER+ votes with half the log prior added to the logits (Menon et al. 2021), smoothed
cross-entropy on the FER2013 labels, both heads at once; disgust and fear drawn more often, copies less; random crop, flip, tilt,
scale, shift, light, blur, low resolution, noise, erasing; SGD with Nesterov momentum, cosine, exponential average of the weights.
Arithmetic is bfloat16 where the processor has it (AVX-512 BF16 or AMX; elsewhere it is ten times slower than float32) and asked
for by `--bfloat16`.
"""

from __future__ import annotations

import argparse
import copy
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from emotion_net import EmotionNet, read_weights
from emotion_set import Faces, score_part, training_and_calibration
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from moodspeaker.vision.preprocess import CENTRE_SIDE, CONTRAST_FLOOR, CONTRAST_LIMIT, FACE_SIDE, standardize

BATCH = 128
RATE, FLOOR_RATE = 0.08, 0.0002
WARM = 0.02
"""Share of the training with a rising rate."""
DECAY = 1e-4
AVERAGE = 0.999
STRENGTH, LAST_STRENGTH, LAST = 0.55, 0.4, 0.9
"""Strength of the augmentation; that of the last part; where the last part begins, as a share of the training."""
DRAWS = {1: 3.0, 2: 1.75}
PRIOR_WEIGHT = 0.5
SMOOTHING = 0.1
AMBIGUOUS_WEIGHT = 0.3
SECOND_HEAD = 0.6
SCORE_EVERY = 5
"""Epochs between two scores of the averaged weights on the calibration part."""


def augment(images: Tensor, random: torch.Generator, strength: float) -> Tensor:
    """Return [N,1,44,44] standardized views of [N,1,48,48] luma in 0..255."""
    n = len(images)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return torch.empty(n, *shape).uniform_(low, high, generator=random)

    def chosen(share: float) -> Tensor:
        return torch.rand(n, generator=random) < share

    tilt = torch.where(chosen(0.25), uniform(-25, 25), uniform(-8, 8)) * strength * math.pi / 180
    scale = torch.exp(uniform(-0.17, 0.17) * strength)
    mirror = torch.where(chosen(0.5), -1.0, 1.0)
    shift = uniform(-0.2, 0.2, 2) * strength
    edge = (FACE_SIDE - CENTRE_SIDE) / FACE_SIDE
    shift = shift + uniform(-edge, edge, 2)
    cos, sin = torch.cos(tilt) * scale, torch.sin(tilt) * scale
    matrix = torch.stack(
        [torch.stack([cos * mirror, -sin, shift[:, 0]], 1), torch.stack([sin * mirror, cos, shift[:, 1]], 1)],
        1,
    )
    matrix[:, :, :2] *= CENTRE_SIDE / FACE_SIDE
    grid = F.affine_grid(matrix, [n, 1, CENTRE_SIDE, CENTRE_SIDE], align_corners=False)
    x = F.grid_sample(images, grid, padding_mode="border", align_corners=False)

    low = chosen(0.2 * strength).nonzero()[:, 0]
    if len(low):
        side = int(torch.randint(16, 34, (1,), generator=random))
        x[low] = F.interpolate(
            F.interpolate(x[low], size=(side, side), mode="area"), size=x.shape[2:], mode="bilinear"
        )
    soft = chosen(0.2 * strength).nonzero()[:, 0]
    if len(soft):
        sigma = float(torch.empty(1).uniform_(0.4, 1.5, generator=random))
        taps = torch.exp(-(torch.arange(-3.0, 4) ** 2) / (2 * sigma**2))
        taps = taps / taps.sum()
        blurred = F.conv2d(F.pad(x[soft], (3, 3, 3, 3), mode="replicate"), taps[None, None, None])
        x[soft] = F.conv2d(blurred, taps[None, None, :, None])

    x = x / 255
    gamma = torch.exp(uniform(-0.5, 0.5, 1, 1, 1) * strength)
    x = x.clamp(1e-3, 1) ** gamma
    side_light = (
        uniform(-0.5, 0.5, 1, 1, 1) * torch.linspace(-1, 1, CENTRE_SIDE)[None, None, None]
        + uniform(-0.3, 0.3, 1, 1, 1) * torch.linspace(-1, 1, CENTRE_SIDE)[None, None, :, None]
    )
    x = x * (1 + side_light * strength)
    x = x * torch.exp(uniform(-0.4, 0.4, 1, 1, 1) * strength) + uniform(-0.1, 0.1, 1, 1, 1) * strength
    noise = torch.where(chosen(0.4), uniform(0, 0.06), torch.zeros(n)) * strength
    x = x + noise[:, None, None, None] * torch.randn(x.shape, generator=random)
    x = (x.clamp(0, 1) * 255).round()

    spread = x.std((1, 2, 3), correction=0, keepdim=True) + CONTRAST_FLOOR
    x = ((x - x.mean((1, 2, 3), keepdim=True)) / spread).clamp(-CONTRAST_LIMIT, CONTRAST_LIMIT)
    for i in chosen(0.4 * strength).nonzero()[:, 0].tolist():
        height, width = (int(v) for v in torch.randint(4, 17, (2,), generator=random))
        top, left = (int(torch.randint(0, CENTRE_SIDE - v, (1,), generator=random)) for v in (height, width))
        x[i, :, top : top + height, left : left + width] = float(torch.randn(1, generator=random))
    return x


def batches(faces: Faces, random: np.random.Generator) -> list[np.ndarray]:
    """Return the rows of each batch of one epoch, drawn by weight."""
    weight = 1 / np.sqrt(faces.copies)
    for emotion, factor in DRAWS.items():
        weight = weight * np.where(faces.ferplus == emotion, factor, 1)
    rows = random.choice(len(weight), size=len(weight) // BATCH * BATCH, p=weight / weight.sum())
    return np.split(rows, len(rows) // BATCH)


@torch.no_grad()
def score(net: EmotionNet, faces: Faces) -> str:
    """Return a line of accuracies, one view, for watching the run."""
    net.eval()
    x = torch.from_numpy(np.stack([standardize(face) for face in faces.images]))[:, None]
    outs = [net(part) for part in x.split(256)]
    words = []
    for head, truth in (("ferplus", faces.ferplus), ("fer2013", faces.fer2013)):
        said = torch.cat([out[head] for out in outs]).argmax(1).numpy()
        known = truth >= 0
        right = said[known] == truth[known]
        balanced = np.mean([right[truth[known] == e].mean() for e in range(7)])
        words.append(f"{head} {right.mean():.4f} balanced {balanced:.4f}")
    return "  ".join(words)


def learning_rate(progress: float) -> float:
    """Return the rate at a share of the training: a linear rise, then a cosine to `FLOOR_RATE`."""
    falling = FLOOR_RATE + (RATE - FLOOR_RATE) * 0.5 * (1 + math.cos(math.pi * progress))
    return falling * min(1.0, progress / WARM + 0.02)


def main() -> None:
    """Train all epochs, or those that are left."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--bfloat16", action="store_true")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    numbers, random = np.random.default_rng(given.seed), torch.Generator().manual_seed(given.seed)

    faces, held = training_and_calibration(given.data)
    watch = score_part(given.data)
    images = torch.from_numpy(faces.images).float()[:, None]
    soft, weight = torch.from_numpy(faces.soft), torch.from_numpy(faces.weight)
    fer2013 = torch.from_numpy(faces.fer2013)
    trust = torch.from_numpy(np.where(faces.ambiguous, AMBIGUOUS_WEIGHT, 1.0)).float()
    prior = PRIOR_WEIGHT * torch.log((soft * weight[:, None]).sum(0) / weight.sum())
    print(
        f"{len(images)} to train on, {len(held.images)} to calibrate on, {len(watch.images)} to score on",
        flush=True,
    )

    net = EmotionNet().to(memory_format=torch.channels_last)
    average = copy.deepcopy(net)
    decayed = [p for p in net.parameters() if p.ndim > 1]
    plain = [p for p in net.parameters() if p.ndim == 1]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": DECAY}, {"params": plain, "weight_decay": 0}],
        lr=RATE,
        momentum=0.9,
        nesterov=True,
    )
    minutes, epoch, step = 0.0, 0, 0
    last = given.out / "last.pt"
    if last.exists():
        state = torch.load(last, weights_only=False)
        if (state["epochs"], state["seed"]) != (given.epochs, given.seed):
            parser.error(f"{last} is of --epochs {state['epochs']} --seed {state['seed']}")
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        numbers.bit_generator.state = state["numbers"]
        random.set_state(state["random"])
        torch.set_rng_state(state["dropout"])
        minutes, epoch, step = state["minutes"], state["epoch"], state["step"]
        print(f"going on after epoch {epoch}", flush=True)
    elif given.start:
        weights, epoch = read_weights(given.start)
        net.load_state_dict(weights, strict=False)  # the file has no counts of batches
        average.load_state_dict(net.state_dict())
        print(f"going on after epoch {epoch} of {given.start}", flush=True)
    while epoch < given.epochs:
        begun = time.monotonic()
        net.train()
        total = 0.0
        rows_of_epoch = batches(faces, numbers)
        for i, rows in enumerate(rows_of_epoch):
            progress = (epoch + i / len(rows_of_epoch)) / given.epochs
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(progress)
            x = augment(images[rows], random, STRENGTH if progress < LAST else LAST_STRENGTH)
            with torch.autocast("cpu", torch.bfloat16, enabled=given.bfloat16):
                out = net(x.to(memory_format=torch.channels_last))
            first = -(soft[rows] * F.log_softmax(out["ferplus"].float() + prior, 1)).sum(1)
            second = F.cross_entropy(
                out["fer2013"].float(), fer2013[rows], reduction="none", label_smoothing=SMOOTHING
            )
            loss = (first * weight[rows]).sum() / weight[rows].sum() + SECOND_HEAD * (
                second * trust[rows]
            ).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            total += float(loss.detach())
            keep = min(AVERAGE, step / (step + 10))
            with torch.no_grad():
                for ours, theirs in zip(
                    average.state_dict().values(), net.state_dict().values(), strict=True
                ):
                    if ours.dtype.is_floating_point:
                        ours.lerp_(theirs, 1 - keep)
        epoch += 1
        took = (time.monotonic() - begun) / 60
        minutes += took
        torch.save({"net": net.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
                    "numbers": numbers.bit_generator.state, "random": random.get_state(), "dropout": torch.get_rng_state(),
                    "minutes": minutes, "epoch": epoch, "step": step, "epochs": given.epochs, "seed": given.seed},
                   last.with_suffix(".part"))  # fmt: skip
        last.with_suffix(".part").replace(last)
        scored = score(average, held) if epoch % SCORE_EVERY == 0 or epoch == given.epochs else ""
        rate, mean = learning_rate(epoch / given.epochs), total / len(rows_of_epoch)
        print(f"epoch {epoch}/{given.epochs}  rate {rate:.4f}  loss {mean:.4f}"
              f"  {took:.1f} min, {took * (given.epochs - epoch) / 60:.1f} h left  {scored}", flush=True)  # fmt: skip
    told = {"epochs": epoch, "minutes": minutes, "seed": given.seed}
    torch.save({"weights": average.state_dict(), **told}, given.out / "emotion.pt")
    print(f"calibration part: {score(average, held)}")
    print(f"score part:       {score(average, watch)}")


if __name__ == "__main__":
    main()
