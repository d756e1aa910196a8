"""What a replay does as a camera: frames as its trace paces them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.cameras import HEIGHT, WIDTH, Clock
from support.vision_process import write_replay

from moodspeaker.domain.observation import CameraState
from moodspeaker.errors import CameraError
from moodspeaker.vision.cameras import (
    ReplayCamera,
)
from moodspeaker.vision.pipeline import light

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def replay(
    root: Path, lines: Sequence[dict[str, Any]], *, crop: bool = False, side: tuple[int, int] = (48, 48)
) -> tuple[ReplayCamera, Clock]:
    clock = Clock()
    shades = [np.full(side, shade, np.uint8) for shade in (50, 100, 150)]
    return ReplayCamera(write_replay(root / "replay", shades, lines, crop=crop), 0, clock, clock.sleep), clock


def test_a_replay_is_paced_by_its_trace_and_then_lost(root: Path) -> None:
    source, clock = replay(root, [{"t": 0, "frame": 0}, {"t": 1, "frame": 1}, {"t": 1.5, "frame": 2}])
    source.open()
    seen = [(int(source.read().luma[0, 0]), clock.now - 100) for _ in range(3)]
    assert seen == [(50, 0), (100, 1), (150, 1.5)]
    with pytest.raises(CameraError, match="replay ended"):
        source.read()
    assert not source.is_open
    with pytest.raises(CameraError, match="replay ended"):
        source.open()


def test_a_replay_repeats_its_frame_through_a_long_pause(root: Path) -> None:
    source, clock = replay(root, [{"t": 0, "frame": 1}, {"t": 10, "frame": 2}])
    source.open()
    assert [int(source.read().luma[0, 0]) for _ in range(10)] == [100] * 10
    assert clock.now == 109
    assert int(source.read().luma[0, 0]) == 150


def test_a_replay_goes_on_while_it_is_closed(root: Path) -> None:
    source, clock = replay(root, [{"t": t, "frame": t % 3} for t in range(10)])
    source.open()
    source.close()
    clock.sleep(7)
    source.open()
    assert int(source.read().luma[0, 0]) == 100


def test_a_replay_loses_the_camera_and_finds_it_again(root: Path) -> None:
    source, clock = replay(root, [{"t": 0, "frame": 0}, {"t": 1, "camera": "lost"}, {"t": 3, "frame": 1}])
    source.open()
    source.read()
    with pytest.raises(CameraError, match="lost at this point"):
        source.read()
    with pytest.raises(CameraError, match="lost at this point"):
        source.open()
    clock.sleep(2)
    source.open()
    assert int(source.read().luma[0, 0]) == 100


def test_nobody_in_a_replay_is_an_empty_room_in_light(root: Path) -> None:
    source, _ = replay(root, [{"t": 0, "frame": None}], side=(HEIGHT, WIDTH))
    source.open()
    room = source.read().luma
    assert room.shape == (HEIGHT, WIDTH)
    assert light(room) is CameraState.OK


def test_a_replay_of_crops_says_which_frames_are_faces(root: Path) -> None:
    source, _ = replay(root, [{"t": 0, "frame": 0}, {"t": 1, "frame": None}, {"t": 2, "frame": 1}], crop=True)
    source.open()
    seen = []
    for _ in range(3):
        shape = source.read().luma.shape
        seen.append((shape, source.faces_only))
    assert seen == [((48, 48), True), ((HEIGHT, WIDTH), False), ((48, 48), True)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}\n",
        *('{"crop": false}\n' + line for line in ('{"t": 0, "frame": 9}', '{"frame": 0}', "not json")),
    ],
)
def test_a_broken_trace_is_named_with_its_line(root: Path, text: str) -> None:
    source, _ = replay(root, [])
    (root / "replay" / "trace.jsonl").write_text(text)
    with pytest.raises(CameraError, match=r"trace.jsonl: line \d"):
        source.open()
