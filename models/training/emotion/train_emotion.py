#!/usr/bin/env python3
"""Train the expression net on FER2013 with FER+ votes.

    train_emotion.py DATA/fer2013 OUT [--epochs 120] [--seed 0] [--start ../resume/emotion.npz]
    train_emotion.py DATA/fer2013 OUT --settle CHECKPOINT --epochs 10 [--rate .02 --teacher WEIGHTS.npz ...]

Writes OUT/last.pt after every epoch and OUT/emotion.pt, the averaged weights, at the end. The schedule
follows the epochs, not the clock. The same command again goes on from last.pt, which holds everything that
the rest depends on (net, average, optimizer, states of the random numbers): an interrupted run ends with the
same weights as one that was not. `--start` goes on from the averaged weights that `keep_weights.py` wrote,
where last.pt is lost. `--settle` makes a net to ship of a training that is not finished: from a copy of its
last.pt the rate falls from where it stands, or from `--rate`, to nothing within `--epochs` more, in a folder
of its own. With `--teacher` (files of `keep_weights.py`) it also learns what these nets say, in the mean, of
the same views upright and before glasses, masks, blur and light: soft labels (Hinton et al. 2015; same views:
Beyer et al. 2022), which hold what several trainings found and little of what is wrong in one label. So more
of the faces can be tilted, out of focus or small than without.

Recipe: soft cross-entropy on the FER+ votes with half the log prior added to the logits (Menon et al. 2021),
smoothed cross-entropy on the FER2013 labels, both heads at once; disgust and fear drawn more often, copies
less; random crop, flip, tilt, scale, shift, light, blur, low resolution, noise, erasing, and from epoch
`GLASSES_FROM` on frames of glasses and a wider blur; SGD with Nesterov
momentum, cosine, exponential average of the weights. Arithmetic is bfloat16 where the processor has it
(AVX-512 BF16 or AMX; elsewhere it is ten times slower than float32) and asked for by `--bfloat16`.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import math
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from emotion_net import HEADS, EmotionNet, read_weights
from emotion_set import Faces, score_part, training_and_calibration
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from moodspeaker.vision.preprocess import CENTRE_SIDE, CONTRAST_FLOOR, CONTRAST_LIMIT, FACE_SIDE, standardize

BATCH = 128
RATE, FLOOR_RATE = 0.08, 0.0002
WARM = 0.02
"""Share of the training with a rising rate."""
DECAY = 1e-4
AVERAGE = 0.999
STRENGTH, LAST_STRENGTH, LAST = 0.55, 0.4, 0.9
"""Strength of the augmentation; that of the last part; where that part begins, as a share of the training."""
LAST_SETTLING = 0.5
"""The same share of a settling."""
DRAWS = {1: 3.0, 2: 1.75}
PRIOR_WEIGHT = 0.5
SMOOTHING = 0.1
AMBIGUOUS_WEIGHT = 0.3
SECOND_HEAD = 0.6
GLASSES_FROM = 45
"""Epochs without glasses and the wider blur: the training that runs began so, and goes on exactly."""
GLASSES_SHARE = 0.15
MOST_BLUR, MORE_BLUR = 1.5, 1.9
"""Spread in pixels of the blur, at most: in the first epochs, and later."""
SETTLED_AVERAGE = 0.997
MASKED_SHARE = 0.06
"""Faces that wear a mask in a settling with teachers."""
TAUGHT_STRENGTH = 1.0
"""Strength of tilt and blur in a settling with teachers: those see the face upright and sharp."""
TAUGHT = 0.6
"""What the teachers say, as a share of the loss; the rest is the labels."""
SCORE_EVERY = 5
"""Epochs between two scores of the averaged weights on the calibration part."""


@dataclasses.dataclass(frozen=True, slots=True)
class Chance:
    """Draws a number for each image of a batch."""

    size: int
    """Images in the batch."""
    random: torch.Generator

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Return numbers ``[size, *shape]`` between `low` and `high`."""
        return torch.empty(self.size, *shape).uniform_(low, high, generator=self.random)

    def chosen(self, share: float) -> Tensor:
        """Return which images ``bool [size]`` are among a `share` of all."""
        return torch.rand(self.size, generator=self.random) < share


def augment(
    images: Tensor, random: torch.Generator, strength: float, *, later: bool = False, taught: bool = False
) -> tuple[Tensor, Tensor | None]:
    """Return [N,1,44,44] standardized views of [N,1,48,48] luma in 0..255, and what the teachers see.

    `later` is what comes from epoch `GLASSES_FROM` on; `taught`, that some faces wear masks, that more are
    tilted or blurred, and that the same crops are returned as they are upright and without glasses, masks,
    blur and light, [N,1,44,44] (else None).
    """
    chance = Chance(len(images), random)
    plain = images
    if later:
        images = _with_glasses(images, chance)
    if taught:
        images = _with_masks(images, chance)
    stronger = TAUGHT_STRENGTH if taught else strength
    tilts = _tilts(chance, stronger)
    places = _places(chance, strength)
    widest = MORE_BLUR if later else MOST_BLUR
    x = _blurred(_crops(images, places, tilts), chance, stronger, widest)
    x = _standardized(_lit(x, chance, strength))
    for i in chance.chosen(0.4 * strength).nonzero()[:, 0].tolist():
        height, width = (int(v) for v in torch.randint(4, 17, (2,), generator=random))
        top, left = (int(torch.randint(0, CENTRE_SIDE - v, (1,), generator=random)) for v in (height, width))
        x[i, :, top : top + height, left : left + width] = float(torch.randn(1, generator=random))
    return x, _standardized(_crops(plain, places, torch.zeros_like(tilts))) if taught else None


def _standardized(x: Tensor) -> Tensor:
    spread = x.std((1, 2, 3), correction=0, keepdim=True) + CONTRAST_FLOOR
    return ((x - x.mean((1, 2, 3), keepdim=True)) / spread).clamp(-CONTRAST_LIMIT, CONTRAST_LIMIT)


def _with_masks(images: Tensor, chance: Chance) -> Tensor:
    """Return [N,1,48,48] in which a share of the faces wear a mask over nose, mouth and chin."""
    worn = images.clone()
    for i in chance.chosen(MASKED_SHARE).nonzero()[:, 0].tolist():
        top, side, low, cloth, edge = torch.rand(5, generator=chance.random).tolist()
        nose, left = FACE_SIDE * (0.4 + 0.14 * top), FACE_SIDE * (0.1 + 0.12 * side)
        chin, right = FACE_SIDE * (0.88 + 0.14 * low), FACE_SIDE - left
        cheek, jaw = nose + FACE_SIDE * 0.1 * edge, FACE_SIDE * 0.8
        middle = FACE_SIDE / 2
        upper, lower = [(left, cheek), (middle, nose), (right, cheek)], [(right - 2, jaw), (middle, chin)]
        corners = np.array([*upper, *lower, (left + 2, jaw)]).round().astype(np.int32)
        face = worn[i, 0].numpy().astype(np.uint8)
        cv2.fillPoly(face, [corners], 20 + 220 * cloth, cv2.LINE_AA)
        worn[i, 0] = torch.from_numpy(face)
    return worn


def _with_glasses(images: Tensor, chance: Chance) -> Tensor:
    """Return [N,1,48,48] in which a share of the faces wear a frame, drawn where eyes mostly are."""
    worn = images.clone()
    for i in chance.chosen(GLASSES_SHARE).nonzero()[:, 0].tolist():
        apart, high, wide, tall, slant, ink, line = torch.rand(7, generator=chance.random).tolist()
        half, row = FACE_SIDE * (0.16 + 0.06 * apart), FACE_SIDE * (0.34 + 0.08 * high)
        lens = (FACE_SIDE * (0.10 + 0.06 * wide), FACE_SIDE * (0.07 + 0.06 * tall))
        face, middle, dark = worn[i, 0].numpy().astype(np.uint8), FACE_SIDE / 2, 90 * ink
        thick, drop = 1 + int(line > 0.7), half * math.tan((slant - 0.5) * 0.3)
        for side in (-1, 1):
            eye = (round(middle + side * half), round(row + side * drop))
            outer = round(eye[0] + side * lens[0])
            size = (round(lens[0]), round(lens[1]))
            if line < 0.4:
                first, last = ((eye[0] + s * size[0], eye[1] + s * size[1]) for s in (-1, 1))
                cv2.rectangle(face, first, last, dark, thick, cv2.LINE_AA)
            else:
                cv2.ellipse(face, eye, size, 0, 0, 360, dark, thick, cv2.LINE_AA)
            cv2.line(face, (outer, eye[1]), (outer + side * 9, eye[1] - 1), dark, 1, cv2.LINE_AA)
        bridge = (round(middle - half + lens[0]), round(middle + half - lens[0]))
        cv2.line(face, (bridge[0], round(row)), (bridge[1], round(row)), dark, 1, cv2.LINE_AA)
        worn[i, 0] = torch.from_numpy(face)
    return worn


@dataclasses.dataclass(frozen=True, slots=True)
class Places:
    """Where each crop of a batch lies in its image, tilt apart: numbers [N], shifts [N,2] of half a side."""

    scale: Tensor
    mirror: Tensor
    shift: Tensor


def _tilts(chance: Chance, strength: float) -> Tensor:
    """Return how far each face is turned, in radians."""
    tilts = torch.where(chance.chosen(0.25), chance.uniform(-25, 25), chance.uniform(-8, 8))
    return tilts * strength * math.pi / 180


def _places(chance: Chance, strength: float) -> Places:
    scale = torch.exp(chance.uniform(-0.17, 0.17) * strength)
    mirror = torch.where(chance.chosen(0.5), -1.0, 1.0)
    edge = (FACE_SIDE - CENTRE_SIDE) / FACE_SIDE
    shift = chance.uniform(-0.2, 0.2, 2) * strength
    return Places(scale, mirror, shift + chance.uniform(-edge, edge, 2))


def _crops(images: Tensor, places: Places, tilts: Tensor) -> Tensor:
    """Return crops [N,1,44,44] of [N,1,48,48]: tilted, scaled, mirrored and shifted."""
    cos, sin = torch.cos(tilts) * places.scale, torch.sin(tilts) * places.scale
    across = torch.stack([cos * places.mirror, -sin, places.shift[:, 0]], 1)
    down = torch.stack([sin * places.mirror, cos, places.shift[:, 1]], 1)
    matrix = torch.stack([across, down], 1)
    matrix[:, :, :2] *= CENTRE_SIDE / FACE_SIDE
    grid = F.affine_grid(matrix, [len(images), 1, CENTRE_SIDE, CENTRE_SIDE], align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def _blurred(x: Tensor, chance: Chance, strength: float, widest: float) -> Tensor:
    """Return the images, some of them after a low resolution, some out of focus, by `widest` px at most."""
    low = chance.chosen(0.2 * strength).nonzero()[:, 0]
    if len(low):
        side = int(torch.randint(16, 34, (1,), generator=chance.random))
        coarse = F.interpolate(x[low], size=(side, side), mode="area")
        x[low] = F.interpolate(coarse, size=x.shape[2:], mode="bilinear")
    soft = chance.chosen(0.2 * strength).nonzero()[:, 0]
    if len(soft):
        sigma = float(torch.empty(1).uniform_(0.4, widest, generator=chance.random))
        taps = torch.exp(-(torch.arange(-3.0, 4) ** 2) / (2 * sigma**2))
        taps = taps / taps.sum()
        blurred = F.conv2d(F.pad(x[soft], (3, 3, 3, 3), mode="replicate"), taps[None, None, None])
        x[soft] = F.conv2d(blurred, taps[None, None, :, None])
    return x


def _lit(x: Tensor, chance: Chance, strength: float) -> Tensor:
    """Return the images in another light, with noise, as whole numbers in 0..255."""
    x = x / 255
    gamma = torch.exp(chance.uniform(-0.5, 0.5, 1, 1, 1) * strength)
    x = x.clamp(1e-3, 1) ** gamma
    ramp = torch.linspace(-1, 1, CENTRE_SIDE)
    side_light = (
        chance.uniform(-0.5, 0.5, 1, 1, 1) * ramp[None, None, None]
        + chance.uniform(-0.3, 0.3, 1, 1, 1) * ramp[None, None, :, None]
    )
    x = x * (1 + side_light * strength)
    contrast = torch.exp(chance.uniform(-0.4, 0.4, 1, 1, 1) * strength)
    x = x * contrast + chance.uniform(-0.1, 0.1, 1, 1, 1) * strength
    noise = torch.where(chance.chosen(0.4), chance.uniform(0, 0.06), torch.zeros(len(x))) * strength
    x = x + noise[:, None, None, None] * torch.randn(x.shape, generator=chance.random)
    return (x.clamp(0, 1) * 255).round()


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


class Loss:
    """The loss of both heads on the images of one set."""

    def __init__(self, faces: Faces) -> None:
        """Keep the labels; the log prior is that of the votes."""
        self.soft, self.weight = torch.from_numpy(faces.soft), torch.from_numpy(faces.weight)
        self.fer2013 = torch.from_numpy(faces.fer2013)
        self.trust = torch.from_numpy(np.where(faces.ambiguous, AMBIGUOUS_WEIGHT, 1.0)).float()
        shares = (self.soft * self.weight[:, None]).sum(0) / self.weight.sum()
        self.prior = PRIOR_WEIGHT * torch.log(shares)

    def __call__(
        self, out: dict[str, Tensor], rows: np.ndarray, taught: dict[str, Tensor] | None = None
    ) -> Tensor:
        """Return the loss of the logits of these rows of the set, `taught` by these log shares [N,7]."""
        labels = self._by_labels(out, rows)
        if taught is None:
            return labels
        first, second = (
            -(taught[head].exp() * F.log_softmax(out[head].float(), 1)).sum(1).mean() for head in HEADS
        )
        return (1 - TAUGHT) * labels + TAUGHT * (first + SECOND_HEAD * second)

    def _by_labels(self, out: dict[str, Tensor], rows: np.ndarray) -> Tensor:
        said = F.log_softmax(out["ferplus"].float() + self.prior, 1)
        first = -(self.soft[rows] * said).sum(1)
        second = F.cross_entropy(
            out["fer2013"].float(), self.fer2013[rows], reduction="none", label_smoothing=SMOOTHING
        )
        weight = self.weight[rows]
        return (first * weight).sum() / weight.sum() + SECOND_HEAD * (second * self.trust[rows]).mean()


class Training:
    """The net, its average, the optimizer and the random numbers: what OUT/last.pt holds."""

    def __init__(self, epochs: int, seed: int) -> None:
        """Begin with fresh weights."""
        self.epochs, self.seed = epochs, seed
        self.since, self.first_rate = 0, 0.0
        """The epoch from which the rate falls to nothing, and the rate there; 0: a whole training."""
        torch.manual_seed(seed)
        self.numbers, self.random = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        self.net = EmotionNet().to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net)
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        plain = [p for p in self.net.parameters() if p.ndim == 1]
        self.optimizer = torch.optim.SGD(
            [{"params": decayed, "weight_decay": DECAY}, {"params": plain, "weight_decay": 0}],
            lr=RATE,
            momentum=0.9,
            nesterov=True,
        )
        self.minutes, self.epoch, self.step = 0.0, 0, 0
        self.teachers: list[EmotionNet] = []

    def learn_from(self, files: list[Path]) -> None:
        """Let the nets of these files teach."""
        for file in files:
            teacher = EmotionNet().eval().to(memory_format=torch.channels_last)
            teacher.load_state_dict(read_weights(file)[0], strict=False)  # the file has no counts of batches
            self.teachers.append(teacher)

    @torch.no_grad()
    def taught(self, views: Tensor | None) -> dict[str, Tensor] | None:
        """Return the log shares [N,7] of each head in which the teachers agree, if there are any."""
        if views is None:
            return None
        outs = [teacher(views) for teacher in self.teachers]
        means = {head: torch.stack([out[head].log_softmax(1) for out in outs]).mean(0) for head in HEADS}
        return {head: mean.log_softmax(1) for head, mean in means.items()}

    def go_on(self, state: dict[str, Any]) -> None:
        """Go on exactly from what `save` stored."""
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.numbers.bit_generator.state = state["numbers"]
        self.random.set_state(state["random"])
        torch.set_rng_state(state["dropout"])
        self.minutes, self.epoch, self.step = state["minutes"], state["epoch"], state["step"]
        self.since, self.first_rate = state.get("since", 0), state.get("first_rate", 0.0)

    def settle(self, file: Path, rate: float | None) -> None:
        """Go on from another training's checkpoint; its rate, or this, falls to nothing in `epochs` more."""
        state = torch.load(file, weights_only=False)
        self.go_on(state)
        self.since, self.first_rate = self.epoch, rate or learning_rate(self.epoch / state["epochs"])

    @property
    def goal(self) -> int:
        """The number of epochs at the end."""
        return self.since + self.epochs

    def rate(self, at: float) -> float:
        """Return the rate after so many epochs."""
        progress = (at - self.since) / self.epochs
        return self.first_rate * (1 - math.sqrt(progress)) if self.since else learning_rate(progress)

    def strength(self, at: float) -> float:
        """Return the strength of the augmentation after so many epochs."""
        last = LAST_SETTLING if self.since else LAST
        return STRENGTH if (at - self.since) / self.epochs < last else LAST_STRENGTH

    def start(self, file: Path) -> None:
        """Begin with the averaged weights of a file of `keep_weights.py`, after its epoch."""
        weights, self.epoch = read_weights(file)
        self.net.load_state_dict(weights, strict=False)  # the file has no counts of batches
        self.average.load_state_dict(self.net.state_dict())

    def save(self, file: Path) -> None:
        """Replace the checkpoint."""
        state = {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "numbers": self.numbers.bit_generator.state,
            "random": self.random.get_state(),
            "dropout": torch.get_rng_state(),
            "minutes": self.minutes,
            "epoch": self.epoch,
            "step": self.step,
            "epochs": self.epochs,
            "since": self.since,
            "first_rate": self.first_rate,
            "seed": self.seed,
        }
        torch.save(state, file.with_suffix(".part"))
        file.with_suffix(".part").replace(file)

    def train_epoch(self, faces: Faces, images: Tensor, loss_of: Loss, *, bfloat16: bool) -> float:
        """Train one epoch on the faces, whose images are [N,1,48,48] in 0..255; return the mean loss."""
        self.net.train()
        total = 0.0
        rows_of_epoch = batches(faces, self.numbers)
        for i, rows in enumerate(rows_of_epoch):
            at = self.epoch + i / len(rows_of_epoch)
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate(at)
            later = self.epoch >= GLASSES_FROM
            x, plain = augment(
                images[rows], self.random, self.strength(at), later=later, taught=bool(self.teachers)
            )
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                out = self.net(x.to(memory_format=torch.channels_last))
            loss = loss_of(out, rows, self.taught(plain))
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.step += 1
            total += float(loss.detach())
            self._follow()
        self.epoch += 1
        return total / len(rows_of_epoch)

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average towards the net."""
        keep = min(SETTLED_AVERAGE if self.since else AVERAGE, self.step / (self.step + 10))
        ours, theirs = self.average.state_dict().values(), self.net.state_dict().values()
        for mine, new in zip(ours, theirs, strict=True):
            if mine.dtype.is_floating_point:
                mine.lerp_(new, 1 - keep)


def begin(parser: argparse.ArgumentParser, args: argparse.Namespace, last: Path) -> Training:
    """Return a training that goes on from `last`, begins from `--start`, or begins afresh."""
    training = Training(args.epochs, args.seed)
    if last.exists():
        state = torch.load(last, weights_only=False)
        if (state["epochs"], state["seed"]) != (args.epochs, args.seed):
            parser.error(f"{last} is of --epochs {state['epochs']} --seed {state['seed']}")
        training.go_on(state)
        print(f"going on after epoch {training.epoch}", flush=True)
    elif args.settle:
        training.settle(args.settle, args.rate)
        print(f"settling after epoch {training.epoch}, until {training.goal}", flush=True)
    elif args.start:
        training.start(args.start)
        print(f"going on after epoch {training.epoch} of {args.start}", flush=True)
    training.learn_from(args.teacher)
    return training


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
    parser.add_argument("--settle", type=Path, help="let the rate fall from this checkpoint on")
    parser.add_argument("--rate", type=float, help="of a settling, at its beginning")
    parser.add_argument("--teacher", type=Path, nargs="+", default=[], help="learn what these nets say, too")
    parser.add_argument("--bfloat16", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    faces, held = training_and_calibration(args.data)
    watch = score_part(args.data)
    images, loss_of = torch.from_numpy(faces.images).float()[:, None], Loss(faces)
    counts = (len(part.images) for part in (faces, held, watch))
    print("{} to train on, {} to calibrate on, {} to score on".format(*counts), flush=True)
    training = begin(parser, args, args.out / "last.pt")
    while training.epoch < training.goal:
        begun = time.monotonic()
        mean = training.train_epoch(faces, images, loss_of, bfloat16=args.bfloat16)
        took = (time.monotonic() - begun) / 60
        training.minutes += took
        training.save(args.out / "last.pt")
        epoch = training.epoch
        scored = score(training.average, held) if epoch % SCORE_EVERY == 0 or epoch == training.goal else ""
        print(
            f"epoch {epoch}/{training.goal}  rate {training.rate(epoch):.4f}  loss {mean:.4f}"
            f"  {took:.1f} min, {took * (training.goal - epoch) / 60:.1f} h left  {scored}",
            flush=True,
        )
    result = {"epochs": training.epoch, "minutes": training.minutes, "seed": args.seed}
    torch.save({"weights": training.average.state_dict(), **result}, args.out / "emotion.pt")
    print(f"calibration part: {score(training.average, held)}")
    print(f"score part:       {score(training.average, watch)}")


if __name__ == "__main__":
    main()
