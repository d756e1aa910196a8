"""`moodspeaker replay`: a recorded day through the shipped models and the mood tracker, in simulated time."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain import commands
from moodspeaker.domain.commands import Sensing
from moodspeaker.domain.emotion import EMOTIONS, Probabilities
from moodspeaker.domain.observation import CameraState, Frame
from moodspeaker.errors import CommandError, ImageError
from moodspeaker.mood.affect import affect_of
from moodspeaker.mood.tracker import Tracker

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from moodspeaker.config.schema import Config
    from moodspeaker.domain.mood import MoodChange


SUMMARY = "replay a recorded day and print its mood changes"
EPILOG = """\
DIR holds trace.jsonl and, where its lines name frames, frames.npz (`images` uint8 [N,H,W]).  The first line of the trace is
{"crop": true|false}: whether each frame already is one face.  Then, one a line, in order of t (seconds):
  {"t": 0, "frame": 3}              look at this frame       {"t": 1, "frame": null}    the camera works, no face is seen
  {"t": 2, "camera": "lost"}        the camera is lost       {"t": 3, "expressions": [{"probabilities": {...}}]}
  {"t": 4, "command": {"sensing": "off"}}
The same folder gives the same answer every time, as fast as the processor goes.

  moodspeaker replay day/ --set mood.dwell=30 --plot day.png > changes.jsonl
"""
LAST: Final = 1e12
"""Seconds of a trace, at most."""
PROGRESS: Final = 1000
"""Looks between two lines of progress."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder with trace.jsonl and frames.npz")
    parser.add_argument("--frames", action="store_true", help="also print each frame's probabilities")
    parser.add_argument(
        "--plot", type=Path, metavar="FILE.png", help="draw the day (needs matplotlib: the extra `plot`)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Replay the folder."""
    from moodspeaker.config.load import load

    settings = load(arguments.config, arguments.set)
    lines = _read_trace(arguments.folder / "trace.jsonl")
    crop = lines[0].get("crop")
    if not isinstance(crop, bool):
        message = f'{arguments.folder / "trace.jsonl"}: line 1: write {{"crop": true}} or {{"crop": false}}'
        raise ImageError(message)
    look = _lazy_look(settings, arguments.folder / "frames.npz", crop=crop)
    tracker = Tracker(settings.mood)
    said = [_say(0.0, str(tracker.mood), str(tracker.mood), "start", tracker)]
    seen: list[tuple[float, Probabilities | None]] = []
    begin = float(lines[1]["t"]) if len(lines) > 1 else 0.0
    said[0]["t"] = begin if begin > 0 else 0.0
    print(json.dumps(said[0]), flush=True)
    for number, line in enumerate(lines[1:], start=2):
        at = float(line["t"])
        change, faces = _step(tracker, line, at, look, f"{arguments.folder / 'trace.jsonl'}: line {number}")
        if faces is not None:
            room = Probabilities.mean(faces) if faces else None
            seen.append((at, room))
            if arguments.frames:
                named = (
                    None
                    if room is None
                    else {str(e): round(p, 4) for e, p in zip(EMOTIONS, room, strict=True)}
                )
                print(json.dumps({"t": at, "frame": line.get("frame"), "probabilities": named}))
        if change is not None:
            said.append(_say(at, str(change.current), str(change.previous), change.cause, tracker))
            print(json.dumps(said[-1]), flush=True)
        if number % PROGRESS == 0 and sys.stderr.isatty():
            print(f"\r{number} of {len(lines)}", end="", file=sys.stderr)
    if arguments.plot is not None:
        _plot(arguments.plot, said, seen)
    return 0


def _say(at: float, mood: str, previous: str, cause: str, tracker: Tracker) -> dict[str, Any]:
    affect = affect_of(tracker.expression)
    return {
        "t": at,
        "mood": mood,
        "previous": previous,
        "cause": cause,
        "confidence": round(tracker.confidence, 4),
        "valence": round(affect.valence, 4),
        "arousal": round(affect.arousal, 4),
    }


def _read_trace(path: Path) -> list[dict[str, Any]]:
    """Return the trace's lines; raise ImageError that names the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"{path}: {error.strerror}: a replay folder holds trace.jsonl and frames.npz"
        raise ImageError(message) from None
    except UnicodeDecodeError:
        message = f"{path}: not text"
        raise ImageError(message) from None
    lines: list[dict[str, Any]] = []
    last = -math.inf
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            message = f"{path}: line {number}: not a JSON object"
            raise ImageError(message)
        if lines:
            at = value.get("t")
            if isinstance(at, bool) or not isinstance(at, int | float) or not last <= at <= LAST:
                message = f'{path}: line {number}: "t" is a number of seconds that never falls'
                raise ImageError(message)
            last = at
        lines.append(value)
    if not lines:
        message = f"{path}: empty"
        raise ImageError(message)
    return lines


def _lazy_look(
    settings: Config, path: Path, *, crop: bool
) -> Callable[[object, float], Sequence[Probabilities]]:
    """Return a function that looks at one frame; frames and models are loaded with the first."""
    loaded: list[tuple[NDArray[np.uint8], Any]] = []

    def look(index: object, at: float) -> Sequence[Probabilities]:
        if not loaded:
            from moodspeaker.vision import images, pipeline

            loaded.append((images.read_array(path), pipeline.Eyes.from_config(settings)))
        frames, eyes = loaded[0]
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(frames):
            message = f"frame {index!r}: {path.name} has {len(frames)} frames"
            raise ImageError(message)
        observation = eyes.look(Frame(frames[index], at), crop=crop)
        return [face.probabilities for face in observation.faces]

    return look


def _step(
    tracker: Tracker,
    line: dict[str, Any],
    at: float,
    look: Callable[[object, float], Sequence[Probabilities]],
    where: str,
) -> tuple[MoodChange | None, Sequence[Probabilities] | None]:
    """Take one line; return the change of mood and, of a look, the expressions."""
    try:
        if "command" in line:
            command = commands.parse(json.dumps(line["command"]))
            state = (
                (CameraState.OK if command.on else CameraState.OFF) if isinstance(command, Sensing) else None
            )
            return (None if state is None else tracker.camera(at, state)), None
        if "camera" in line:
            return tracker.camera(at, _camera_state(line["camera"])), None
        faces = _faces(line, at, look)
    except (ImageError, CommandError) as error:
        message = f"{where}: {error}"
        raise ImageError(message) from None
    recovered = (
        tracker.camera(at, CameraState.OK)
        if tracker.camera_state not in (CameraState.OK, CameraState.OFF)
        else None
    )
    return tracker.look(at, faces) or recovered, faces


def _camera_state(word: object) -> CameraState:
    if not isinstance(word, str) or word not in tuple(CameraState):
        message = f"camera {word!r}: one of {', '.join(CameraState)}"
        raise ImageError(message)
    return CameraState(word)


def _faces(
    line: dict[str, Any], at: float, look: Callable[[object, float], Sequence[Probabilities]]
) -> Sequence[Probabilities]:
    if isinstance(line.get("expressions"), list):
        return [_probabilities(item) for item in line["expressions"]]
    if "frame" in line:
        return [] if line["frame"] is None else look(line["frame"], at)
    message = "one of frame, camera, expressions or command is wanted"
    raise ImageError(message)


def _probabilities(item: object) -> Probabilities:
    named = item.get("probabilities") if isinstance(item, dict) else None
    try:
        shares = Probabilities.named(named)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError, OverflowError):
        shares = Probabilities.of([math.nan] * len(EMOTIONS))
    if not (min(shares) >= 0 and 0 < sum(shares) < math.inf):
        message = (
            f'an expression is {{"probabilities": {{...}}}} with a share for each of {", ".join(EMOTIONS)}'
        )
        raise ImageError(message)
    return shares


def _plot(path: Path, said: list[dict[str, Any]], seen: list[tuple[float, Probabilities | None]]) -> None:
    """Draw the announced moods over the probabilities of each look."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        message = "--plot needs matplotlib: python -m pip install matplotlib"
        raise ImageError(message) from None
    figure = Figure(figsize=(14, 6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2))
    names = [*EMOTIONS, *sorted({str(change["mood"]) for change in said} - set(EMOTIONS))]
    hours = [change["t"] / 3600 for change in said]
    end = max([hours[-1], *(at / 3600 for at, _ in seen)])
    above.step(
        [*hours, end], [names.index(c["mood"]) for c in [*said, said[-1]]], where="post", color="black"
    )
    above.set_yticks(range(len(names)), names)
    above.set_title("mood")
    known = [(at / 3600, room) for at, room in seen if room is not None]
    for index, emotion in enumerate(EMOTIONS):
        below.plot(
            [at for at, _ in known], [room[index] for _, room in known], ".", markersize=2, label=str(emotion)
        )
    below.set(xlabel="hours", ylabel="probability of a look", ylim=(0, 1))
    below.legend(loc="upper right", markerscale=6)
    try:
        figure.savefig(path, dpi=100)
    except (OSError, ValueError) as error:
        message = f"{path}: {getattr(error, 'strerror', None) or error}: give --plot a file to write, such as day.png"
        raise ImageError(message) from None
