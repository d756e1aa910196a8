"""The picture of a replayed day: the announced moods over the probabilities of each look (`replay --plot`).

What keeps it from being drawn or written is found out before the day is replayed, which may take minutes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.errors import ImageError
from moodspeaker.resources import how_to_install

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from moodspeaker.domain.emotion import Probabilities


def check(path: Path) -> None:
    """Raise ImageError, with the cure, where no picture can be drawn, or none written there."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
    except ImportError as error:
        message = f"--plot needs matplotlib ({error}): {how_to_install('matplotlib', 'python3-matplotlib')}"
        raise ImageError(message) from None
    reason, path = "", path if path.suffix else path.with_suffix(".png")
    if path.suffix[1:].lower() not in FigureCanvasAgg.get_supported_filetypes():
        reason = f"no picture has the form {path.suffix}"
    elif path.is_dir():
        reason = "it is a folder"
    elif not path.parent.is_dir():
        reason = f"there is no folder {path.parent}"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        reason = "it cannot be written"
    if reason:
        raise ImageError(_refused(path, reason))


def draw(
    path: Path, said: Sequence[dict[str, Any]], seen: Sequence[tuple[float, Probabilities | None]]
) -> None:
    """Draw the announced moods, as `replay` prints them, and each look at a second, and write the picture.

    Raises ImageError where it cannot be written after all.
    """
    from matplotlib.figure import Figure

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
        raise ImageError(_refused(path, str(getattr(error, "strerror", None) or error))) from None


def _refused(path: Path, reason: str) -> str:
    return f"{path}: {reason}: give --plot a file to write, such as day.png"
