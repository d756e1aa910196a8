"""Train the face detector: ``train_face.py DATA OUT --minutes M [--workers N] [--resume] [--start FILE --hard FILE]``.

The law of this script
======================
1. The budget is wall time: the learning rate follows a cosine of *elapsed / budget*, so a slower machine sees fewer
   pictures and still ends at rest.
2. Which anchors answer for a face is asked of the net itself (task-aligned: Feng et al., *TOOD*, 2021): the nine best by
   ``sqrt(score) * IoU**4`` among those inside the face and of a stride made for its size.
3. The loss is quality focal loss on the score (Li et al., *Generalized Focal Loss*, 2020) plus 1.5 times DIoU on the box
   (Zheng et al. 2020), both divided by the sum of the targets.
4. What ships is the moving average of the weights (`ema`), not the weights.
5. With ``--start`` and ``--hard`` it fine-tunes instead: smaller steps, nearer to natural scale, with mined backgrounds.
6. Each of N workers draws its own canvases on one core and their gradients are averaged: a step sees N * `BATCH` pictures.
   Batch statistics are each worker's own; the first one's are kept.

DATA holds `faces/` and `fer2013/`; OUT gets `face.pt` (checkpoint, replaced whole) and `log.txt`.
"""

from __future__ import annotations

import argparse
import json
import math
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
from face_net import FaceNet, anchors
from face_set import SHARE, Canvases, read, read_crops, split
from torch.nn import functional

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH: Final = 32
RATE: Final = 3e-3
FINE_RATE: Final = 6e-4
DECAY: Final = 0.02
AVERAGE: Final = 0.9995
WARM: Final = 400
"""Steps of linear warm-up."""
BEST: Final = 9
"""Anchors that answer for one face."""
RANGES: Final = ((0.0, 64.0), (32.0, 160.0), (96.0, 1e9))
"""Longer sides in pixels that each stride answers for."""
SEEDS: Final = 1_000_003
"""Between the seeds of two workers."""
SAVE_EVERY: Final = 150.0
"""Seconds between checkpoints."""


class Targets:
    """Assigns anchors to faces and returns the loss."""

    def __init__(self) -> None:
        """Lay out the anchors."""
        self.centres, self.strides, self.priors = anchors()
        low, high = [], []
        for stride, (a, b) in zip((8, 16, 32), RANGES, strict=True):
            n = int((self.strides == stride).sum())
            low += [a] * n
            high += [b] * n
        self.low, self.high = torch.tensor(low), torch.tensor(high)

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
        which = torch.tensor([i for i, boxes in enumerate(faces) for _ in range(len(boxes))], dtype=torch.long)
        if not len(which):
            return self._focal(logits, target, weight), raw.sum() * 0, 0.0
        boxes = torch.from_numpy(np.concatenate(faces))
        middle, span = boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:]
        with torch.no_grad():
            overlap = _iou(centres[which], sides[which], middle[:, None], span[:, None])
            reach = torch.maximum(span[:, None] / 2, self.strides * 0.75)
            inside = ((self.centres - middle[:, None]).abs() < reach).all(-1)
            long = span.max(1).values[:, None]
            allowed = inside & (long >= self.low) & (long < self.high)
            metric = (logits[which].sigmoid().clamp(min=1e-6).sqrt() * overlap.clamp(min=1e-4) ** 4) * allowed
            top, at = metric.topk(BEST, 1)
            row = torch.arange(len(which))[:, None].expand_as(at)
            keep = top > 0
            row, at, top = row[keep], at[keep], top[keep]
            shared = overlap[row, at]
            place = which[row] * count + at
            best = torch.zeros(size * count).scatter_reduce(0, place, shared + 1e-6, "amax")
            mine = shared + 1e-6 >= best[place]
            row, place, top, shared = row[mine], place[mine], top[mine], shared[mine]
            high = torch.zeros(len(which)).scatter_reduce(0, row, top, "amax")
            peak = torch.zeros(len(which)).scatter_reduce(0, row, shared, "amax")
            quality = top / high[row].clamp(min=1e-12) * peak[row]
            target.view(-1)[place] = quality
            weight.view(-1)[place] = 1
            total = quality.sum().clamp(min=1.0)
        score = self._focal(logits, target, weight) / total
        flat_centres, flat_sides = centres.reshape(-1, 2)[place], sides.reshape(-1, 2)[place]
        closeness = _diou(flat_centres, flat_sides, middle[row], span[row])
        box = ((1 - closeness) * quality.clamp(min=0.05)).sum() / total
        return score, box, float(len(which))

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


def _share_done(share: float, workers: int) -> float:
    """Return the first worker's share of the budget, so that all of them end with the same step."""
    if workers == 1:
        return share
    told = torch.tensor([share], dtype=torch.float64)
    torch.distributed.broadcast(told, 0)
    return float(told)


def main() -> None:
    """Read the command line and start the workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=72.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from OUT/face.pt")
    parser.add_argument("--start", type=Path, help="fine-tune from this checkpoint's average")
    parser.add_argument("--hard", type=Path, help="JSON of mine_face.py")
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--web", type=float, default=SHARE["masksweb"], help="share of masksweb among photos with faces")
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


def train(rank: int, args: argparse.Namespace) -> None:
    """Train; worker 0 saves as it goes."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(args.seed)
    rate = args.rate or (FINE_RATE if args.start else RATE)

    photos = read(args.data / "faces")
    sides = split(photos)
    learnt = [photo for photo in photos if sides[photo.name] == "train"]
    canvases = Canvases(learnt, read_crops(args.data / "fer2013" / "train.npz"), args.seed + SEEDS * rank)
    canvases.draw_from(SHARE | {"masksweb": args.web})
    net = FaceNet().to(memory_format=torch.channels_last)
    average = FaceNet()
    if args.start:
        net.load_state_dict(torch.load(args.start, weights_only=True)["ema"])
        canvases.natural, canvases.share_empty, canvases.share_two, canvases.share_pasted = 0.55, 0.36, 0.18, 0.55
    if args.hard:
        index = {photo.name: i for i, photo in enumerate(learnt)}
        canvases.hard = [(index[name], scale, x, y) for name, scale, x, y, *_ in json.loads(args.hard.read_text())]
    average.load_state_dict(net.state_dict())
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=DECAY)
    step, seen, before = 0, 0, 0.0
    if args.resume and (args.out / "face.pt").exists():
        stored = torch.load(args.out / "face.pt", weights_only=True)
        net.load_state_dict(stored["net"])
        average.load_state_dict(stored["ema"])
        optimizer.load_state_dict(stored["optimizer"])
        step, seen, before = stored["step"], stored["seen"], stored["elapsed"]
        canvases.chance = np.random.default_rng(args.seed + SEEDS * rank + step)

    def save(elapsed: float) -> None:
        state = {"net": net.state_dict(), "ema": average.state_dict(), "optimizer": optimizer.state_dict(), "step": step,
                 "seen": seen, "elapsed": elapsed, "seed": args.seed, "minutes": args.minutes}  # fmt: skip
        torch.save(state, args.out / "face.pt.part")
        (args.out / "face.pt.part").replace(args.out / "face.pt")

    targets, log = Targets(), (args.out / "log.txt" if rank == 0 else Path(os.devnull)).open("a", buffering=1)
    log.write(f"{len(learnt)} photos, budget {args.minutes} min, rate {rate}, {args.workers} workers\n")
    began = last = time.monotonic() - before
    sums, drawing, logged = np.zeros(4), 0.0, 0.0
    while True:
        now = time.monotonic()
        share = _share_done((now - began) / (args.minutes * 60), args.workers)
        if share >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARM) * (0.5 * (1 + math.cos(math.pi * share)) * 0.995 + 0.005)
        pictures, faces, ignores = canvases.batch(BATCH)
        drawing += time.monotonic() - now
        x = ((torch.from_numpy(pictures).float() - 128) / 128)[:, None].contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            raw = net(x)
        score, box, count = targets.loss(raw, faces, ignores)
        loss = score + 1.5 * box
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        _average_gradients(net, args.workers)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
        step, seen = step + 1, seen + BATCH * args.workers
        keep = min(AVERAGE, (1 + step) / (10 + step)) if not args.start else 0.998
        with torch.no_grad():
            for mine, theirs in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
                if mine.is_floating_point():
                    mine.lerp_(theirs, 1 - keep)
        sums += [float(score.detach()), float(box.detach()), count, 1]
        if step % 200 == 0:
            took = time.monotonic() - began
            score_mean, box_mean, face_mean = sums[:3] / sums[3]
            speed, draw = sums[3] * BATCH * args.workers / (took - logged), drawing / (sums[3] * BATCH) * 1e3
            log.write(f"{took / 60:6.1f} min step {step} seen {seen} score {score_mean:.4f} box {box_mean:.4f} "
                      f"faces {face_mean:.0f} images/s {speed:.0f} draw {draw:.2f} ms\n")  # fmt: skip
            sums, drawing, logged = np.zeros(4), 0.0, took
        if rank == 0 and time.monotonic() - last > SAVE_EVERY:
            last = time.monotonic()
            save(last - began)
    if rank == 0:
        save(time.monotonic() - began)
    log.write(f"done: {seen} images, {step} steps\n")


if __name__ == "__main__":
    main()
