"""The replay that the demo's camera shows: one drawn person through a short evening.

A minute stands for an hour.  A folder with `frames.npz` (`images` uint8 [N, 480, 640]) and `trace.jsonl`, as
`camera.source = "replay:DIR"` takes it.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from moodspeaker.demo.faces import HAPPY, NEUTRAL, SAD, SURPRISE, Expression, Pose, frame
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

STEP: Final = 0.5
"""Seconds between two frames."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The same state of the room for a while."""

    name: str
    """What is to be seen."""
    expression: Expression | None
    """The face; None when nobody is there."""
    seconds: float
    """How long it lasts."""


ARRIVAL: Final = Scene("neutral", NEUTRAL, 16)
"""Somebody has come in."""
EVENING: Final = (
    Scene("happy", HAPPY, 27),
    Scene("sad", SAD, 27),
    Scene("nobody", None, 12),
    Scene("surprise", SURPRISE, 28),
    Scene("neutral", NEUTRAL, 28),
)
"""What follows, for ever: after the last scene comes the first."""
POSES: Final = (
    Pose(),
    Pose(x=326, y=208, size=65, roll=2, turn=0.12),
    Pose(x=333, y=203, size=67, roll=-2, turn=-0.15),
    Pose(x=329, y=206, size=66, roll=1, turn=0.05),
)
"""How the person moves within a scene."""


def write_replay(folder: Path, seconds: float) -> None:
    """Write the frames and a trace of this many seconds into a folder that exists."""
    images: list[NDArray[np.uint8]] = []
    places = {}
    for scene in EVENING:
        poses = POSES if scene.expression is not None else POSES[:1]
        places[scene.name] = range(len(images), len(images) + len(poses))
        images += [
            frame(_softened(scene.expression, i), pose, seed=len(images) + i) for i, pose in enumerate(poses)
        ]
    np.savez(folder / "frames.npz", images=np.stack(images))
    with (folder / "trace.jsonl").open("w", encoding="utf-8") as trace:
        trace.write(json.dumps({"crop": False}) + "\n")
        for at, scene in _timetable(seconds):
            choice = places[scene.name]
            line = {"t": at, "frame": choice[int(at) // 2 % len(choice)]}
            trace.write(json.dumps(line) + "\n")


def _softened(expression: Expression | None, step: int) -> Expression | None:
    """Return the expression a little weaker every other time: nobody holds a face."""
    if expression is None:
        return None
    return replace(
        expression,
        smile=expression.smile * (1 - 0.12 * (step % 2)),
        eye_open=expression.eye_open - 0.06 * (step % 3),
    )


def _timetable(seconds: float) -> Iterator[tuple[float, Scene]]:
    """Yield each moment with its scene."""
    begin = 0.0
    for scene in itertools.chain([ARRIVAL], itertools.cycle(EVENING)):
        for step in range(round(scene.seconds / STEP)):
            at = begin + step * STEP
            if at > seconds:
                return
            yield at, scene
        begin += scene.seconds
