"""A recorded day: `trace.jsonl`, read strictly, one typed line each.

The first line is `{"crop": true|false}`: whether each frame already is one face.  Then, in order of `t`
(seconds):

    {"t": 0, "frame": 3}                                   look at this frame of frames.npz
    {"t": 1, "frame": null}                                the camera works, no face is seen
    {"t": 2, "camera": "lost"}                             the camera's state
    {"t": 3, "expressions": [{"probabilities": {...}}]}    what was read from each face, without pixels
    {"t": 4, "command": {"sensing": "off"}}                a command

Further keys are ignored, and so are empty lines.  Anything else is an ImageError that names the file and the
line.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from moodspeaker import access
from moodspeaker.domain import commands
from moodspeaker.domain.emotion import EMOTIONS, Probabilities
from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.observation import CameraState
from moodspeaker.errors import CommandError, ImageError
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from moodspeaker.domain.commands import Command

FILE: Final = "trace.jsonl"
FRAMES: Final = "frames.npz"
"""What the two files of a replay folder are called."""
LAST: Final = 1e12
"""Seconds of a trace, at most."""


@dataclass(frozen=True, slots=True)
class FrameLine:
    """A frame was captured."""

    number: int
    """The line in the file, from 1."""
    at: float
    """Seconds of the trace."""
    frame: int | None
    """Its index in frames.npz; None: no face is seen."""


@dataclass(frozen=True, slots=True)
class CameraLine:
    """The camera changed its state."""

    number: int
    """The line in the file, from 1."""
    at: float
    """Seconds of the trace."""
    state: CameraState
    """The state from then on."""


@dataclass(frozen=True, slots=True)
class ExpressionsLine:
    """Expressions were read; no pixels were kept."""

    number: int
    """The line in the file, from 1."""
    at: float
    """Seconds of the trace."""
    expressions: tuple[Probabilities, ...]
    """One a face; their sums may differ from one."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command was given."""

    number: int
    """The line in the file, from 1."""
    at: float
    """Seconds of the trace."""
    command: Command
    """The command."""


Line: TypeAlias = FrameLine | CameraLine | ExpressionsLine | CommandLine


@dataclass(frozen=True, slots=True)
class Trace:
    """All lines of a trace."""

    file: Path
    """Where it was read."""
    crop: bool
    """Whether each frame already is one face."""
    lines: tuple[Line, ...]
    """In order of time."""

    def check_frames(self, count: int) -> None:
        """Raise ImageError for the first line that names a frame beyond `count`."""
        for line in self.lines:
            if isinstance(line, FrameLine) and line.frame is not None and line.frame >= count:
                raise _error(self.file, line.number, f"frame {line.frame}: {FRAMES} has {count} frames")


def read(folder: Path) -> Trace:
    """Return the trace of a replay folder; raise ImageError."""
    file = folder / FILE
    return parse(_texts(file), file)


def parse(content: Iterable[str], file: Path) -> Trace:
    """Return the trace of the lines of `file`; raise ImageError."""
    texts = [(number, line) for number, line in enumerate(content, 1) if line.strip()]
    if not texts:
        raise _error(file, 1, 'empty: write {"crop": false}, then lines such as {"t": 0.0, "frame": 0}')
    number, text = texts[0]
    crop = _object(file, number, text).get("crop")
    if not isinstance(crop, bool):
        raise _error(file, number, 'write {"crop": true} or {"crop": false}')
    lines: list[Line] = []
    last = -LAST
    for number, text in texts[1:]:
        entry = _object(file, number, text)
        at = entry.get("t")
        if isinstance(at, bool) or not isinstance(at, int | float) or not last <= at <= LAST:
            raise _error(file, number, '"t" is a number of seconds that never falls')
        last = float(at)
        try:
            lines.append(_line(number, last, entry))
        except (ImageError, CommandError) as error:
            raise _error(file, number, str(error)) from None
    return Trace(file, crop, tuple(lines))


def look_records(trace: Trace) -> Iterator[LookRecord]:
    """Yield the looks of a trace that names no frames; raise ImageError for one that does."""
    for line in trace.lines:
        match line:
            case ExpressionsLine(expressions=expressions):
                state = CameraState.OK
            case FrameLine(frame=None):
                state, expressions = CameraState.OK, ()
            case FrameLine():
                reason = "a frame: only what was read from faces is wanted here, not pictures"
                raise _error(trace.file, line.number, reason)
            case CameraLine(state=state):
                expressions = ()
            case CommandLine(command=commands.Sensing(on=on)):
                state, expressions = CameraState.OK if on else CameraState.OFF, ()
            case CommandLine():
                continue
            case _:
                assert_never(line)
        yield LookRecord(Moment(line.at, line.at), state, expressions)


def _texts(file: Path) -> list[str]:
    """Return the lines of a file."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except PermissionError:
        message = f"{file}: {access.denied(file)}"
        raise ImageError(message) from None
    except OSError as error:
        message = f"{file}: {error.strerror}: a replay folder holds {FILE} and {FRAMES}"
        raise ImageError(message) from None
    except UnicodeDecodeError:
        message = f"{file}: not UTF-8 text: give another folder"
        raise ImageError(message) from None
    return text.split("\n")


def _object(file: Path, number: int, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _error(file, number, "not a JSON object")
    return value


def _error(file: Path, number: int, reason: str) -> ImageError:
    return ImageError(f"{file}: line {number}: {reason}")


def _line(number: int, at: float, entry: dict[str, Any]) -> Line:
    """Return one line; raise ImageError or CommandError without its place."""
    if "command" in entry:
        return CommandLine(number, at, commands.parse(json.dumps(entry["command"])))
    if "camera" in entry:
        return CameraLine(number, at, _state(entry["camera"]))
    if "expressions" in entry:
        if not isinstance(entry["expressions"], list):
            message = '"expressions" is a list, one entry a face'
            raise ImageError(message)
        return ExpressionsLine(number, at, tuple(map(_probabilities, entry["expressions"])))
    if "frame" in entry:
        return FrameLine(number, at, _frame(entry["frame"]))
    message = "one of frame, camera, expressions or command is wanted"
    raise ImageError(message)


def _state(word: object) -> CameraState:
    if not isinstance(word, str) or word not in tuple(CameraState):
        message = f"camera {word!r}: one of {', '.join(CameraState)}"
        raise ImageError(message)
    return CameraState(word)


def _frame(index: object) -> int | None:
    if index is not None and (isinstance(index, bool) or not isinstance(index, int) or index < 0):
        message = f"frame {index!r}: an index into {FRAMES}, or null"
        raise ImageError(message)
    return index


def _probabilities(item: object) -> Probabilities:
    named = item.get("probabilities") if isinstance(item, dict) else None
    if isinstance(named, dict):
        try:
            shares = Probabilities.named(named)
        except (KeyError, TypeError, ValueError, OverflowError):
            pass
        else:
            if min(shares) >= 0 and 0 < sum(shares) < math.inf:
                return shares
    message = f'an expression is {{"probabilities": {{...}}}} with a share for each of {", ".join(EMOTIONS)}'
    raise ImageError(message)
