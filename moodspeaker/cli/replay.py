"""`moodspeaker replay`: a recorded day through the shipped models and the mood tracker, in simulated time."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, assert_never

from moodspeaker.domain.commands import Calibrate, GiveEvidence, Sensing
from moodspeaker.domain.emotion import Probabilities
from moodspeaker.domain.observation import CameraState, Frame
from moodspeaker.mood.affect import affect_of
from moodspeaker.mood.resting import Corrector
from moodspeaker.mood.room import Room
from moodspeaker.mood.tracker import Tracker
from moodspeaker.vision import trace
from moodspeaker.vision.trace import CameraLine, CommandLine, ExpressionsLine, FrameLine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from moodspeaker.config.schema import Config
    from moodspeaker.domain.commands import Command
    from moodspeaker.domain.mood import MoodChange
    from moodspeaker.vision.pipeline import FacePipeline
    from moodspeaker.vision.trace import Line, Trace

SUMMARY = "replay a recorded day and print its mood changes"
EPILOG = """\
DIR holds trace.jsonl and, where its lines name frames, frames.npz (`images` uint8 [N,H,W]).  The first line
of the trace is {"crop": true|false}: whether each frame already is one face.  Then, one a line, in order of t
(seconds):
  {"t": 0, "frame": 3}                                    look at this frame
  {"t": 1, "frame": null}                                 the camera works, no face is seen
  {"t": 2, "camera": "lost"}                              the camera is lost
  {"t": 3, "expressions": [{"probabilities": {...}}]}     what was read from each face
  {"t": 4, "command": {"sensing": "off"}}                 a command is given
The same folder gives the same answer every time, as fast as the processor goes.

  moodspeaker replay day/ --set mood.dwell=30 --plot day.png > changes.jsonl
"""
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
    from moodspeaker.cli import day_plot
    from moodspeaker.config.load import load

    if arguments.plot is not None:
        day_plot.check(arguments.plot)
    settings = load(arguments.config, arguments.set)
    recorded = trace.read(arguments.folder)
    looker = _Looker(settings, arguments.folder, recorded)
    tracker = Tracker(settings.mood)
    room, corrector = Room(tracker), Corrector()
    begin = recorded.lines[0].at if recorded.lines else 0.0
    said = [_say(max(0.0, begin), str(tracker.mood), str(tracker.mood), "start", tracker)]
    print(json.dumps(said[0]), flush=True)
    seen: list[tuple[float, Probabilities | None]] = []

    def tell(at: float, change: MoodChange | None) -> None:
        if change is not None:
            said.append(_say(at, str(change.current), str(change.previous), change.cause, tracker))
            print(json.dumps(said[-1]), flush=True)

    before = begin
    for line in recorded.lines:
        for at in _seconds_until(line.at, room, before):
            tell(at, room.tick(at))
        before = line.at
        change, faces = _step(room, line, looker, corrector)
        if faces is not None:
            mean = Probabilities.mean(faces) if faces else None
            seen.append((line.at, mean))
            if arguments.frames:
                frame = line.frame if isinstance(line, FrameLine) else None
                named = None if mean is None else mean.by_name(4)
                print(json.dumps({"t": line.at, "frame": frame, "probabilities": named}))
        tell(line.at, change)
        if line.number % PROGRESS == 0 and sys.stderr.isatty():
            print(f"\r{line.number} of {recorded.lines[-1].number}", end="", file=sys.stderr)
    if arguments.plot is not None:
        day_plot.draw(arguments.plot, said, seen)
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


class _Looker:
    """Looks at frames; they and the models are loaded with the first, since some traces have none."""

    def __init__(self, settings: Config, folder: Path, recorded: Trace) -> None:
        self._settings, self._folder, self._recorded = settings, folder, recorded
        self._loaded: tuple[NDArray[np.uint8], FacePipeline] | None = None

    def look(self, index: int, at: float) -> Sequence[Probabilities]:
        """Return the expressions of a frame's faces; raise ImageError or ModelError."""
        if self._loaded is None:
            from moodspeaker.vision import images, pipeline

            frames = images.read_array(self._folder / trace.FRAMES)
            self._recorded.check_frames(len(frames))
            self._loaded = frames, pipeline.FacePipeline.from_config(self._settings)
        frames, faces = self._loaded
        observation = faces.look(Frame(frames[index], at), crop=self._recorded.crop)
        return [face.probabilities for face in observation.faces]


def _step(
    room: Room, line: Line, looker: _Looker, corrector: Corrector
) -> tuple[MoodChange | None, Sequence[Probabilities] | None]:
    """Take one line; return the change of mood and, of a look, the expressions."""
    corrector.end(line.at)
    match line:
        case CommandLine(command=command):
            return _obey(room, line.at, command, corrector), None
        case CameraLine(state=state):
            return room.camera(line.at, state), None
        case FrameLine(frame=frame):
            faces: Sequence[Probabilities] = () if frame is None else looker.look(frame, line.at)
        case ExpressionsLine(expressions=expressions):
            faces = expressions
        case _:
            assert_never(line)
    faces = corrector.corrected(line.at, faces)
    recovered = (
        room.camera(line.at, CameraState.OK)
        if room.camera_state not in (CameraState.OK, CameraState.OFF)
        else None
    )
    return room.see(line.at, faces) or recovered, faces


def _obey(room: Room, at: float, command: Command, corrector: Corrector) -> MoodChange | None:
    """Carry out a command that has to do with the room; others change no mood."""
    match command:
        case Sensing(on):
            return room.camera(at, CameraState.OK if on else CameraState.OFF)
        case GiveEvidence(evidence):
            return room.take(evidence, at)
        case Calibrate(on):
            if on:
                corrector.begin(at)
            else:
                corrector.forget()
            return None
        case _:
            return None


def _seconds_until(end: float, room: Room, begin: float) -> Iterator[float]:
    """Yield each second before a moment, as long as there is evidence that may change the mood by itself."""
    at = begin + 1.0
    while room.given and at < end:
        yield at
        at += 1.0
