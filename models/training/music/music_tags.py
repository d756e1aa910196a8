"""What a tagging net hears in the songs, for `music_train.py`: ``music_tags.py DATA NET CACHE``.

DATA as `music_set` reads it; NET is the folder `MSD_musicnn` of the Python package musicnn 0.1.0 (Pons and
Serra 2019, ISC licence), a net that was trained on the tags of 200,000 songs; CACHE is a folder, where
`tags.npz` is written: for each song the net's 50 answers (rock, female vocalists, mellow, ...) before the
sigmoid, the mean over three stretches of three seconds.

The net only teaches: its answers are what the first step of our model learns to give from our own
descriptors.  None of its weights goes further.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from music_set import read
from torch.nn import functional as F

from moodspeaker.analysis.decode import decode
from moodspeaker.analysis.sound import RATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Weights = dict[str, torch.Tensor]

FRAMES: Final = 187
"""Of 16 ms: what the net sees at a time."""
SIZE, HOP, BANDS = 512, 256, 96
PLACES: Final = (0.02, 0.5, 0.98)
"""Where in a song the three stretches lie that are heard, from 0, its beginning, to 1."""
LOUDNESS: Final = 0.12
"""The level (root mean square) to which a clip is brought."""


# --- the net's weights, as TensorFlow 1 stores them ---------------------------------------------------------


def weights(folder: Path) -> Weights:
    """Return the arrays of a checkpoint by name (format: tensorflow/core/util/tensor_bundle)."""
    index, content = (folder / ".index").read_bytes(), (folder / ".data-00000-of-00001").read_bytes()
    footer = index[-48:]
    place, numbers = 0, []
    for _ in range(4):  # two of another block, then offset and size of the list of blocks
        number, place = _varint(footer, place)
        numbers.append(number)
    offset, size = numbers[2:]
    found = {}
    for _, handle in _entries(index[offset : offset + size]):
        start, after = _varint(handle, 0)
        length, _ = _varint(handle, after)
        for name, entry in _entries(index[start : start + length]):
            fields = _fields(entry)
            if not name or b"Adam" in name or fields.get(1, 1) != 1:
                continue
            shape = [_fields(one).get(1, 0) for number, one in _all_fields(fields.get(2, b"")) if number == 2]
            first = fields.get(4, 0)
            array = np.frombuffer(content[first : first + fields[5]], "<f4").reshape(shape)
            found[name.decode()] = torch.tensor(array)
    return found


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, place


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values of a block of the index (a LevelDB table)."""
    end = len(block) - 4 - 4 * struct.unpack("<I", block[-4:])[0]
    place, key = 0, b""
    while place < end:
        shared, place = _varint(block, place)
        more, place = _varint(block, place)
        length, place = _varint(block, place)
        key = key[:shared] + block[place : place + more]
        place += more
        yield key, block[place : place + length]
        place += length


def _all_fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Yield numbers and values of a protocol buffer."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        if tag & 7 == 0:
            value, place = _varint(message, place)
            yield tag >> 3, value
            continue
        length = {1: 8, 5: 4}.get(tag & 7)
        if length is None:
            length, place = _varint(message, place)
        yield tag >> 3, message[place : place + length]
        place += length


def _fields(message: bytes) -> dict[int, Any]:
    return dict(_all_fields(message))


# --- the net ------------------------------------------------------------------------------------------------


def _normal(w: Weights, x: torch.Tensor, number: int) -> torch.Tensor:
    name = "batch_normalization" + (f"_{number}" if number else "")
    shape = [1, -1] + [1] * (x.dim() - 2)
    gain = w[f"{name}/gamma"] / torch.sqrt(w[f"{name}/moving_variance"] + 1e-3)
    return x * gain.view(shape) + (w[f"{name}/beta"] - w[f"{name}/moving_mean"] * gain).view(shape)


def _convolved(w: Weights, x: torch.Tensor, number: int, pad: tuple[int, int, int, int]) -> torch.Tensor:
    name = "conv2d" + (f"_{number}" if number else "")
    kernel = w[f"{name}/kernel"].permute(3, 2, 0, 1).contiguous()
    return F.relu(F.conv2d(F.pad(x, pad), kernel, w[f"{name}/bias"]))


def answers(w: Weights, levels: torch.Tensor) -> torch.Tensor:
    """Return the net's 50 answers before the sigmoid, [B, 50], to levels [B, FRAMES, BANDS]."""
    x = _normal(w, levels[:, None], 0)
    parts = [_normal(w, _convolved(w, x, k, (0, 0, 3, 3)), k + 1).amax(3) for k in (0, 1)]
    for k, width in ((2, 128), (3, 64), (4, 32)):
        before = (width - 1) // 2
        parts.append(_normal(w, _convolved(w, x, k, (0, 0, before, width - 1 - before)), k + 1).amax(3))
    front = torch.cat(parts, 1)

    def middle(z: torch.Tensor, k: int) -> torch.Tensor:
        return _normal(w, _convolved(w, z.permute(0, 2, 1)[:, None], k, (0, 0, 3, 3)), k + 1)[..., 0]

    first = middle(front, 5)
    second = middle(first, 6) + first
    third = middle(second, 7) + second
    joined = torch.cat([front, first, second, third], 1)
    pooled = torch.stack([joined.amax(2), joined.mean(2)], 2).flatten(1)
    hidden = F.relu(_normal(w, pooled, 9) @ w["dense/kernel"] + w["dense/bias"])
    return _normal(w, hidden, 10) @ w["dense_1/kernel"] + w["dense_1/bias"]


def levels(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the net sees of a sound at RATE: [frames, BANDS]."""
    sound = sound - sound.mean()
    sound = np.pad(sound * (LOUDNESS / np.sqrt(np.mean(sound**2))), SIZE // 2, mode="reflect")
    window = np.hanning(SIZE + 1)[:-1].astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, SIZE)[::HOP] * window
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    return np.asarray(np.log10(10000 * (power @ _mel()) + 1), np.float32)


def _mel() -> NDArray[np.float64]:
    """Return Slaney's mel bands of equal area, [bins, BANDS]."""
    step = np.log(6.4) / 27
    highest = 15 + np.log(RATE / 2 / 1000) / step
    places = np.linspace(0, highest, BANDS + 2)
    edges = np.where(places < 15, places * 200 / 3, 1000 * np.exp(step * (places - 15)))
    bins = np.fft.rfftfreq(SIZE, 1 / RATE)[:, None]
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    bands = np.clip(np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)), 0, None)
    return np.asarray(bands * 2 / (high - low))


def main() -> None:
    """Let the net hear every song."""
    data, net, cache = (Path(word) for word in sys.argv[1:4])
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    w = weights(net)
    files, rows = [], []
    for song in read(data):
        sound = decode(song.file).sound
        seen = levels(sound)
        starts = [int(place * (len(seen) - FRAMES)) for place in PLACES]
        batch = torch.tensor(np.stack([seen[start : start + FRAMES] for start in starts]))
        rows.append(answers(w, batch).mean(0).numpy())
        files.append(str(song.file.relative_to(data)))
        if len(files) % 50 == 0:
            print(len(files), flush=True)
    np.savez(cache / "tags.npz", files=files, rows=np.stack(rows))


if __name__ == "__main__":
    main()
