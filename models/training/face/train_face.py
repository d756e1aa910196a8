"""Train the face detector.

    train_face.py DATA OUT [--start WEIGHTS] [--pictures N] [--settle CHECKPOINT --hard FILE]

Design notes
============
1. The schedule counts pictures, not time: the rate rises for `WARM` steps and then stays. So a training has
   no end that must be known beforehand: it may be left, gone on with, and cut off any day. What makes a net
   of it to ship is a short second run with ``--settle CHECKPOINT``: from there the rate falls to nothing
   within ``--pictures`` (Hägele et al., *Scaling Laws and Compute-Optimal Training Beyond Fixed Training
   Durations*, 2024), on canvases that mostly are whole photos as a frame shows them (`SETTLING`), with the
   places that were mistaken and the photos whose faces were overlooked (`mine_face.py`). It writes into a
   folder of its own, and the long run can go on beside it.
2. The same command again goes on from OUT/face.pt exactly: net, average, optimizer and step are stored, and
   what a step draws follows from seed, worker and step alone.
3. Anchors that answer for a face: in each stride made for its size the `BEST` ones by nearness times IoU
   among those inside the face. A stride's best one has a target of 1, the others the root of their share of
   it: with one best of all strides, faces of a size that two strides share were less sure in both. The IoU
   itself is no target: a small face's is never high, so its score would stay low.
4. The loss is focal loss on the score (Lin et al. 2017; with soft targets as in Li et al., *Generalized Focal
   Loss*, 2020) plus 1.5 times DIoU on the box (Zheng et al. 2020). **Every face has the same say** (`SAY`),
   whether two anchors answer for it or ten; what is no face weighs as it is, and all is divided by the
   number of faces.
5. What is scored and shipped is the moving average of the weights (`ema`).
6. Each of N workers draws its own canvases on one core and their gradients are averaged: a step sees N *
   `BATCH` pictures. Batch statistics are each worker's own; the first one's are kept.

DATA holds `faces/` and `fer2013/`; OUT gets `face.pt` (checkpoint, replaced whole) and `log.txt`: a line
every `LOG_EVERY` steps with the time left, and every `SCORE_EVERY` pictures the average's figures on the
`tune` side.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np
import torch
import torch.distributed
import torch.multiprocessing
from face_canvases import Canvases, Shares
from face_look import STRIDES
from face_net import SHAPES, FaceNet, anchors, net_input, read_weights
from face_set import read, read_crops, split
from face_watch import Watch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from face_set import Photo
    from numpy.typing import NDArray

    Batch = tuple[NDArray[np.uint8], list[NDArray[np.float32]], list[NDArray[np.float32]]]
    """Canvases, their faces and their places to ignore."""

BATCH: Final = 32
RATE: Final = 1.5e-3
DECAY: Final = 0.02
AVERAGE: Final = 0.9995
SETTLED_AVERAGE: Final = 0.998
WARM: Final = 400
"""Steps of linear warm-up."""
BEST: Final = 5
"""Anchors of a stride that answer for one face, at most."""
NEAR: Final = 4.0
"""How fast nearness falls with the distance from the face's middle, in sides of the face.

It is ``exp(-NEAR * distance ** 2)``.
"""
FLOOR: Final = 0.02
"""IoU that an anchor counts as having at least: a fresh net's boxes say little."""
SAY: Final = 4.0
"""Sum of the weighted targets of one face."""
MOST_SAY: Final = 6.0
"""Weight of one anchor, at most."""
RANGES: Final = ((0.0, 64.0), (32.0, 160.0), (96.0, 1e9))
"""Longer sides in pixels that each stride answers for."""
BOX: Final = 1.5
SETTLING: Final = Shares(
    natural=0.9, untouched=0.5, empty=0.24, two=0.10, many=0.06, close=0.06, overlooked=0.25
)
"""What a settling draws: of the canvases half are whole photos, of the photos one in four was overlooked."""
SAVE_EVERY: Final = 150.0
"""Seconds between checkpoints."""
LOG_EVERY: Final = 200
SCORE_EVERY: Final = 48_000
"""Pictures between two scores on the `tune` side."""


class Targets:
    """Assigns anchors to faces and returns the loss."""

    def __init__(self) -> None:
        """Lay out the anchors."""
        self.centres, self.strides, self.priors = anchors()
        ranges = torch.zeros(len(self.strides), 2)
        for stride, limits in zip(STRIDES, RANGES, strict=True):
            ranges[self.strides[:, 0] == stride] = torch.tensor(limits)
        self.low, self.high = ranges.T

    def loss(
        self, raw: torch.Tensor, faces: list[NDArray[np.float32]], ignores: list[NDArray[np.float32]]
    ) -> tuple[torch.Tensor, torch.Tensor, float]:
        """Return score loss, box loss and the number of faces."""
        size, count = raw.shape[:2]
        logits = raw[..., 0]
        centres = self.centres + raw[..., 1:3] * self.strides
        sides = self.priors * raw[..., 3:5].clamp(-4, 4).exp()
        target = torch.zeros(size, count)
        weight = self._weights(size, count, ignores)
        which = torch.tensor(
            [i for i, boxes in enumerate(faces) for _ in range(len(boxes))], dtype=torch.long
        )
        if not len(which):
            return self._focal(logits, target, weight) / SAY, raw.sum() * 0, 0.0
        boxes = torch.from_numpy(np.concatenate(faces))
        middle, span = boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:]
        with torch.no_grad():
            overlap = _iou(centres[which], sides[which], middle[:, None], span[:, None])
            row, place, quality = self._answers(overlap, which, middle, span, size * count)
            sums = torch.zeros(len(which)).scatter_add(0, row, quality)
            say = (SAY / sums.clamp(min=1e-6))[row].clamp(max=MOST_SAY)
            target.view(-1)[place] = quality
            weight.view(-1)[place] = say
        total = len(which) * SAY
        score = self._focal(logits, target, weight) / total
        closeness = _diou(centres.reshape(-1, 2)[place], sides.reshape(-1, 2)[place], middle[row], span[row])
        box = ((1 - closeness) * quality * say).sum() / total
        return score, box, float(len(which))

    def _answers(
        self,
        overlap: torch.Tensor,
        which: torch.Tensor,
        middle: torch.Tensor,
        span: torch.Tensor,
        places: int,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return face, place among all canvases' anchors, and target of each anchor that answers for one."""
        offset = self.centres - middle[:, None]
        inside = (offset.abs() < torch.maximum(span[:, None] / 2, self.strides * 0.75)).all(-1)
        longer = span.max(1).values[:, None]
        allowed = inside & (longer >= self.low) & (longer < self.high)
        near = torch.exp(-NEAR * (offset / torch.maximum(span[:, None], self.strides)).square().sum(-1))
        merit = near * overlap.clamp(min=FLOOR) * allowed
        best = [torch.where(self.strides[:, 0] == stride, merit, 0.0).topk(BEST, 1) for stride in STRIDES]
        top, at = torch.cat([b.values for b in best], 1), torch.cat([b.indices for b in best], 1)
        row = torch.arange(len(which))[:, None].expand_as(at)
        keep = top > 0
        row, at, top = row[keep], at[keep], top[keep]
        place = which[row] * self.centres.shape[0] + at
        wanted = torch.zeros(places).scatter_reduce(0, place, top, "amax")
        mine = top >= wanted[place]  # an anchor wanted by two faces answers for the one it fits better
        row, place, top = row[mine], place[mine], top[mine]
        grid = torch.searchsorted(torch.tensor(STRIDES), self.strides[place % len(self.centres), 0])
        in_grid = row * len(STRIDES) + grid
        highest = torch.zeros(len(which) * len(STRIDES)).scatter_reduce(0, in_grid, top, "amax")
        return row, place, (top / highest[in_grid].clamp(min=1e-12)).sqrt()

    def _weights(self, size: int, count: int, ignores: list[NDArray[np.float32]]) -> torch.Tensor:
        """Return 0 where an anchor's cell lies in a place to ignore, else 1."""
        weight = torch.ones(size, count)
        for i, boxes in enumerate(ignores):
            if len(boxes):
                areas = torch.from_numpy(boxes)[:, None]
                gap = (self.centres - areas[..., :2] - areas[..., 2:] / 2).abs()
                weight[i] = (~(gap < areas[..., 2:] / 2 + 4).all(-1).any(0)).float()
        return weight

    @staticmethod
    def _focal(logits: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        score = logits.sigmoid()
        entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
        return (entropy * (score - target).detach().square() * weight).sum()


def _iou(c: torch.Tensor, s: torch.Tensor, centre: torch.Tensor, span: torch.Tensor) -> torch.Tensor:
    """Return the IoU of boxes given by centre and size, broadcast."""
    low = torch.maximum(c - s / 2, centre - span / 2)
    high = torch.minimum(c + s / 2, centre + span / 2)
    meet = (high - low).clamp(min=0).prod(-1)
    return meet / (s.prod(-1) + span.prod(-1) - meet + 1e-6)


def _diou(c: torch.Tensor, s: torch.Tensor, centre: torch.Tensor, span: torch.Tensor) -> torch.Tensor:
    """Return IoU less the squared distance of the centres over the squared diagonal of the hull."""
    low = torch.minimum(c - s / 2, centre - span / 2)
    high = torch.maximum(c + s / 2, centre + span / 2)
    return _iou(c, s, centre, span) - (c - centre).square().sum(-1) / ((high - low).square().sum(-1) + 1e-6)


def _average_gradients(net: FaceNet, workers: int) -> None:
    """Replace each gradient by its mean over the workers."""
    if workers == 1:
        return
    gradients = [p.grad for p in net.parameters() if p.grad is not None]
    flat = torch.cat([g.reshape(-1) for g in gradients])
    torch.distributed.all_reduce(flat)
    flat /= workers
    for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def rate_share(step: int, since: int, steps: int, *, settle: bool) -> float:
    """Return the share of the rate at a step.

    It rises, then stays; with `settle` it falls from step `since` over `steps`.
    """
    if settle:
        return max(0.0, 1 - ((step - since) / max(1, steps)) ** 0.5)
    return min(1.0, (step + 1) / WARM)


def main() -> None:
    """Read the command line and start the workers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--pictures", type=int, default=8_000_000, help="canvases in all, or those of the settling"
    )
    parser.add_argument("--shape", choices=SHAPES, default="wide")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--start", type=Path, help="begin with these weights (.npz or checkpoint) instead of fresh ones"
    )
    parser.add_argument("--settle", type=Path, help="let the rate fall from this checkpoint on")
    parser.add_argument("--hard", type=Path, help="JSON of mine_face.py")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument(
        "--bfloat16", action="store_true", help="only where the processor has it: elsewhere ten times slower"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes, one core each")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.workers == 1:
        train(0, args)
        return
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(_worker, (args, f"file://{folder}/meet"), args.workers)


def _worker(rank: int, args: argparse.Namespace, meeting: str) -> None:
    """Join the other workers and train."""
    torch.distributed.init_process_group("gloo", meeting, rank=rank, world_size=args.workers)
    train(rank, args)
    torch.distributed.destroy_process_group()


def _canvases(learnt: Sequence[Photo], args: argparse.Namespace) -> Canvases:
    """Return what draws the pictures."""
    canvases = Canvases(learnt, read_crops(args.data / "fer2013" / "train.npz"), args.seed)
    if args.settle:
        canvases.shares = SETTLING
    if args.hard:
        index, mined = {photo.name: i for i, photo in enumerate(learnt)}, json.loads(args.hard.read_text())
        canvases.hard = [(index[name], scale, x, y) for name, scale, x, y, _ in mined["mistaken"]]
        canvases.overlooked = [index[name] for name in mined["overlooked"]]
    return canvases


class Training:
    """The net, its average, the optimizer and the counters: what OUT/face.pt holds."""

    def __init__(self, args: argparse.Namespace) -> None:
        """Go on from OUT/face.pt; without it begin from `--settle`, from `--start`, or afresh."""
        self.args, self.checkpoint = args, args.out / "face.pt"
        going_on = self.checkpoint.exists()
        source = self.checkpoint if going_on else args.settle
        stored = torch.load(source, weights_only=True) if source else None
        self.shape = stored["shape"] if stored else args.shape
        self.net = FaceNet(SHAPES[self.shape]).to(memory_format=torch.channels_last)
        self.average = FaceNet(SHAPES[self.shape])
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=args.rate, weight_decay=DECAY)
        self.step = self.seen = self.since = self.seen_before = 0
        self.elapsed = 0.0
        if stored:
            self.net.load_state_dict(stored["net"])
            self.average.load_state_dict(stored["ema"])
            self.optimizer.load_state_dict(stored["optimizer"])
            self.step, self.seen, self.elapsed = stored["step"], stored["seen"], stored["elapsed"]
            counts = (stored["since"], stored["seen_before"]) if going_on else (self.step, self.seen)
            self.since, self.seen_before = counts
        elif args.start:
            _, weights = read_weights(args.start)
            self.net.load_state_dict(weights, strict=False)  # weights from .npz have no counts of batches
            self.average.load_state_dict(self.net.state_dict())
        self.goal = args.pictures + (self.seen_before if args.settle else 0)
        self.pictures_a_step = BATCH * args.workers

    def save(self) -> None:
        """Replace OUT/face.pt."""
        state = {
            "net": self.net.state_dict(),
            "ema": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seen": self.seen,
            "elapsed": self.elapsed,
            "since": self.since,
            "seen_before": self.seen_before,
            "shape": self.shape,
            "seed": self.args.seed,
        }
        torch.save(state, self.checkpoint.with_suffix(".part"))
        self.checkpoint.with_suffix(".part").replace(self.checkpoint)

    def learn(self, batch: Batch, targets: Targets) -> tuple[float, float, float]:
        """Take one step; return score loss, box loss and the number of faces."""
        steps = (self.goal - self.seen_before) // self.pictures_a_step
        share = rate_share(self.step, self.since, steps, settle=self.args.settle is not None)
        for group in self.optimizer.param_groups:
            group["lr"] = self.args.rate * share
        pictures, faces, ignores = batch
        x = net_input(pictures)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.args.bfloat16):
            raw = self.net(x.contiguous(memory_format=torch.channels_last))
        score, box, count = targets.loss(raw, faces, ignores)
        self.optimizer.zero_grad(set_to_none=True)
        (score + BOX * box).backward()
        _average_gradients(self.net, self.args.workers)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
        self.optimizer.step()
        self.step, self.seen = self.step + 1, self.seen + self.pictures_a_step
        self._follow()
        return float(score.detach()), float(box.detach()), count

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average towards the net."""
        keep = min(SETTLED_AVERAGE if self.args.settle else AVERAGE, (1 + self.step) / (10 + self.step))
        ours, theirs = self.average.state_dict().values(), self.net.state_dict().values()
        for mine, new in zip(ours, theirs, strict=True):
            if mine.is_floating_point():
                mine.lerp_(new, 1 - keep)

    def progress(self, sums: NDArray[np.float64], seconds: float) -> str:
        """Return a line on the steps since the last one: `sums` of what `learn` gave, and of ones."""
        score, box, faces = sums[:3] / sums[3]
        speed = sums[3] * self.pictures_a_step / seconds
        left = (self.goal - self.seen) / speed / 3600
        return (
            f"step {self.step} pictures {self.seen} score {score:.4f} box {box:.4f} faces {faces:.0f}  "
            f"{self.elapsed / 3600:.2f} h, {speed:.0f} a second, {left:.1f} h left"
        )

    def is_to_be_scored(self) -> bool:
        """Say whether the last step passed a multiple of `SCORE_EVERY` pictures, or was the last of all."""
        before = self.seen - self.pictures_a_step
        return self.seen // SCORE_EVERY > before // SCORE_EVERY or self.seen >= self.goal


def train(rank: int, args: argparse.Namespace) -> None:
    """Train; worker 0 saves, scores and writes the log."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(args.seed)
    photos = read(args.data / "faces")
    sides = split(photos)
    canvases = _canvases([photo for photo in photos if sides[photo.name] == "train"], args)
    training, targets = Training(args), Targets()

    def tell(line: str) -> None:
        if rank == 0:
            print(line, flush=True)
            with (args.out / "log.txt").open("a") as log:
                log.write(line + "\n")

    tell(
        f"{len(canvases.photos)} photos, shape {training.shape}, rate {args.rate}, "
        f"from {training.seen} to {training.goal} pictures"
    )
    watch = Watch([photo for photo in photos if sides[photo.name] == "tune"]) if rank == 0 else None
    sums = np.zeros(4)
    saved = logged = time.monotonic()
    while training.seen < training.goal:
        begun = time.monotonic()
        canvases.chance = np.random.default_rng((args.seed, rank, training.step))
        losses = training.learn(canvases.batch(BATCH), targets)
        now = time.monotonic()
        training.elapsed += now - begun
        sums += [*losses, 1]
        if training.step % LOG_EVERY == 0:
            tell(training.progress(sums, now - logged))
            sums, logged = np.zeros(4), now
        if rank == 0 and (now - saved > SAVE_EVERY or training.seen >= training.goal):
            saved = now
            training.save()
        if watch and training.is_to_be_scored():
            tell(f"  tune at {training.seen}: {watch.score(training.average)}")
            logged += time.monotonic() - now
    tell(f"done: {training.seen} pictures, {training.step} steps")


if __name__ == "__main__":
    main()
