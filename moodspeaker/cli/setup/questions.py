"""Questions to a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Questions:
    """Asks until an answer is one that is offered."""

    def __init__(self, read: Callable[[str], str], write: Callable[[str], object]) -> None:
        """Take how a line is read after a prompt, and how one is written."""
        self._read, self._write = read, write

    def say(self, text: str) -> None:
        """Write a line."""
        self._write(text)

    def choose(self, question: str, answers: Sequence[str]) -> str:
        """Return one of the answers, by its first letters; an empty line is the first of them.

        Raises EOFError where the terminal is closed.
        """
        offered = "/".join((answers[0].upper(), *answers[1:]))
        while True:
            given = self._read(f"{question} [{offered}] ").strip().casefold()
            found = [answer for answer in answers if answer.startswith(given)] if given else [answers[0]]
            if found:
                return found[0]
            self._write(f"One of: {', '.join(answers)}")
