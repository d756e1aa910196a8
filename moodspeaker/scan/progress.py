"""How far a scan is: a bar on a terminal, a line now and then elsewhere.

A timer scans many times a day: what is known already is not told to its log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

BAR: Final = 30
"""Characters."""
REDRAWN: Final = 0.2
"""Seconds between two drawings on a terminal."""
TOLD: Final = 60.0
"""Seconds between two lines elsewhere."""
STEADY: Final = 5
"""Songs after which the time that is left can be told."""
MINUTE: Final = 60
HOUR: Final = 3600


class Progress:
    """Tells a person what goes on, on a stream; `clock` gives monotonic seconds."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._terminal = stream.isatty()
        self._drawn_at = clock() if not self._terminal else float("-inf")
        self._begun = clock()
        self._drawn = ""

    def begin(self) -> None:
        """Begin to measure the time that songs take."""
        self._begun = self._clock()

    def say(self, line: str, *, new: bool = True) -> None:
        """Print a line that stays; one that says nothing new is for a terminal alone."""
        if new or self._terminal:
            self._clear()
            print(line, file=self._stream, flush=True)

    def listed(self, count: int) -> None:
        """Show how many songs the music server has told."""
        self._draw(f"tags  {count} songs")

    def heard(self, done: int, total: int) -> None:
        """Show how many songs were analysed of those that are to be."""
        share = done / total if total else 1.0
        full = round(share * BAR)
        bar = "#" * full + "." * (BAR - full)
        spent = self._clock() - self._begun
        left = f", {duration(spent / done * (total - done))} left" if done >= STEADY else ""
        self._draw(f"sound [{bar}] {done} of {total} songs, {share:.1%}{left}")

    def end(self) -> None:
        """Leave a clean line."""
        self._clear()

    def _draw(self, text: str) -> None:
        now = self._clock()
        if now - self._drawn_at < (REDRAWN if self._terminal else TOLD):
            return
        self._drawn_at = now
        if self._terminal:
            self._stream.write(f"\r{text}{' ' * (len(self._drawn) - len(text))}")
            self._stream.flush()
            self._drawn = text
        else:
            print(text, file=self._stream, flush=True)

    def _clear(self) -> None:
        if self._drawn:
            self._stream.write(f"\r{' ' * len(self._drawn)}\r")
            self._stream.flush()
            self._drawn = ""


def duration(seconds: float) -> str:
    """Return a time in words."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    hours, rest = divmod(round(seconds / MINUTE), MINUTE)
    return f"{hours} h {rest} min"
