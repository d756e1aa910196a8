"""Train a small net on mel levels, to compare with the descriptors: ``music_net.py DATA CACHE OUT [EPOCHS]``.

CACHE is a folder: `descriptors.npz` is that of the other scripts, `levels.npz` keeps what the net sees; OUT
is a JSON file for `music_evaluate.py`: the figures of the net alone, of the descriptors in the same folds,
and of their average.

The net: three convolutions over time on 48 mel bands (48-80-96-96 channels, 7, 5 and 3 frames, stride 2),
mean, maximum and deviation over time, 64 hidden units; 110,000 weights, 5 million multiply-adds for nine
seconds.  It also learns the nine emotions of emotify's listeners and panda4q's quadrant.  Mixup, noise by
band, masks in time and band, dropout.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from music_evaluate import figures
from music_set import SETS, folds, load, read
from music_train import fit, predict
from torch import nn
from torch.nn import functional as F

from moodspeaker.analysis.decode import decode
from moodspeaker.analysis.spectrum import BANDS, decibels, spectrum

if TYPE_CHECKING:
    from music_set import Songs
    from numpy.typing import NDArray

FRAMES: Final = 288
"""Of 32 ms: what the net sees at a time."""
FOLDS: Final = 5
BATCH: Final = 64
EPOCHS: Final = 30
RATE: Final = 4e-3
EMOTIONS: Final = (
    "amazement", "solemnity", "tenderness", "nostalgia", "calmness", "power", "joyful_activation", "tension",
    "sadness",
)  # fmt: skip


class Net(nn.Module):
    """Levels [B, 48, FRAMES] to valence, arousal, nine emotions and four quadrants."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(_block(48, 80, 7), _block(80, 96, 5), _block(96, 96, 3))
        self.head = nn.Sequential(
            nn.Dropout(0.4), nn.Linear(96 * 3, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 15)
        )

    def forward(self, levels: torch.Tensor) -> torch.Tensor:
        z = self.trunk(levels)
        return self.head(torch.cat([z.mean(2), z.amax(2), z.std(2)], 1))


def _block(inputs: int, outputs: int, frames: int) -> nn.Sequential:
    convolution = nn.Conv1d(inputs, outputs, frames, 2, frames // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm1d(outputs), nn.ReLU(), nn.Dropout1d(0.1))


def read_levels(data: Path, cache: Path) -> list[torch.Tensor]:
    """Return the mel levels of each song, [48, frames of 32 ms]."""
    if not cache.exists():
        kept = {}
        for number, song in enumerate(read(data)):
            sound = decode(song.file).sound
            parts = np.array_split(sound, max(1, round(sound.size / 160000)))
            heard = [part / np.sqrt(np.square(part).mean()) for part in parts if np.abs(part).max() > 1e-4]
            bands = [spectrum(np.asarray(part, np.float32)).bands for part in heard]
            halved = [rows[: len(rows) // 2 * 2].reshape(-1, 2, BANDS).mean(axis=1) for rows in bands]
            kept[f"{number:04}"] = decibels(np.concatenate(halved) * BANDS).astype(np.float16)
        np.savez(cache, **kept)  # type: ignore[arg-type]
    with np.load(cache) as stored:
        return [
            torch.from_numpy((stored[name].astype(np.float32).T + 15) / 12) for name in sorted(stored.files)
        ]


def emotions(data: Path) -> torch.Tensor:
    """Return the nine emotions of each song, standardized; NaN where nobody was asked."""
    with (data / "emotify_labels.csv").open(newline="") as file:
        rows = {f"{row['id']}.mp3": [float(row[name]) for name in EMOTIONS] for row in csv.DictReader(file)}
    table = np.array([rows.get(song.file.name, [np.nan] * len(EMOTIONS)) for song in read(data)])
    return torch.tensor((table - np.nanmean(table, 0)) / np.nanstd(table, 0), dtype=torch.float32)


def stretch(levels: torch.Tensor, start: float) -> torch.Tensor:
    """Return FRAMES frames; `start` 0 is the first place, 1 the last."""
    lacking = FRAMES - levels.shape[1]
    if lacking > 0:
        levels = F.pad(levels[None], (0, lacking), mode="replicate")[0]
    first = round(start * (levels.shape[1] - FRAMES))
    return levels[:, first : first + FRAMES]


def disturbed(levels: torch.Tensor, chance: np.random.Generator) -> torch.Tensor:
    """Return a batch with noise by band, a mask in time and one in band, and a shift of one band at most."""
    levels = levels + torch.randn(len(levels), 12, 1).repeat_interleave(4, 1) * 0.15
    levels = torch.roll(levels, int(chance.integers(-1, 2)), 1)
    for song in levels:
        band, frame = int(chance.integers(44)), int(chance.integers(FRAMES - 40))
        song[band : band + int(chance.integers(8))] = song.mean()
        song[:, frame : frame + int(chance.integers(40))] = song.mean()
    return levels


def train(
    levels: list[torch.Tensor], songs: Songs, felt: torch.Tensor, rows: NDArray[np.intp], epochs: int
) -> Net:
    """Return a net trained on these rows."""
    torch.manual_seed(0)
    chance = np.random.default_rng(0)
    targets = torch.tensor(songs.targets, dtype=torch.float32)
    signs = torch.tensor(songs.signs)
    quadrant = (signs[:, 0] < 0).long() * 2 + (signs[:, 1] < 0).long()
    net = Net()
    optimizer = torch.optim.AdamW(net.parameters(), RATE / 2, weight_decay=2e-2)
    steps = epochs * (len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps + 1, pct_start=0.2)
    for _ in range(epochs):
        order = chance.permutation(rows)
        for batch in order[: len(order) // BATCH * BATCH].reshape(-1, BATCH):
            one = disturbed(torch.stack([stretch(levels[row], chance.random()) for row in batch]), chance)
            other, share = torch.randperm(BATCH), float(chance.beta(0.4, 0.4))
            said = net(share * one + (1 - share) * one[other])
            target = share * targets[batch] + (1 - share) * targets[batch][other]
            emotion = share * felt[batch] + (1 - share) * felt[batch][other]
            asked = ~torch.isnan(emotion)
            checked = signs[batch].abs().sum(1) > 0
            loss = ((said[:, :2] - target) ** 2).mean()
            if asked.any():
                loss = loss + 0.3 * ((said[:, 2:11] - emotion)[asked] ** 2).mean()
            if checked.any():
                loss = loss + 0.1 * share * F.cross_entropy(said[:, 11:][checked], quadrant[batch][checked])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def main() -> None:
    """Train in five folds and write the figures."""
    data, cache, out = (Path(word) for word in sys.argv[1:4])
    epochs = int(sys.argv[4]) if len(sys.argv) > 4 else EPOCHS
    torch.set_num_threads(1)
    songs = load(data, cache / "descriptors.npz")
    levels, felt = read_levels(data, cache / "levels.npz"), emotions(data)
    fold = folds(songs.artists, FOLDS)
    by_net, by_descriptors = np.zeros_like(songs.targets), np.zeros_like(songs.targets)
    for number in range(FOLDS):
        known, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        by_descriptors[test] = predict(fit(songs, known), songs.descriptors[test])
        net = train(levels, songs, felt, known, epochs)
        for row in test:
            places = (0.0, 0.5, 1.0) if levels[row].shape[1] > 2 * FRAMES else (0.5,)
            with torch.no_grad():
                said = net(torch.stack([stretch(levels[row], place) for place in places]))
            by_net[row] = said[:, :2].mean(0).numpy()
        print(f"fold {number + 1} of {FOLDS}", flush=True)
    both = by_net / by_net.std(axis=0) + by_descriptors / by_descriptors.std(axis=0)
    compared = {
        name: {kind: figures(songs, said, songs.kinds == kind) for kind in SETS}
        for name, said in (
            (f"descriptors, {FOLDS} folds", by_descriptors),
            (f"small net on mel levels, {FOLDS} folds", by_net),
            ("their average", both),
        )
    }
    out.write_text(json.dumps(compared, indent=2) + "\n")
    print(out.read_text())


if __name__ == "__main__":
    main()
