"""What follows from a file, kept aside until the whole file was read: on the disk where it is much."""

from __future__ import annotations

import json
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Final, Self, assert_never

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.errors import StoreError
from moodspeaker.library.imports.facts import ImportedPlay, Label, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodspeaker.library.imports.facts import Fact

IN_MEMORY: Final = 1 << 20
"""Bytes beyond which it goes to the disk."""


class Spool:
    """Facts in the order in which they were added; they can be read more than once."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, fact: Fact) -> None:
        """Add a fact; raise StoreError where the temporary folder is full."""
        try:
            self._file.write(json.dumps(_row(fact)) + "\n")
        except OSError as error:
            message = (
                f"the temporary folder cannot be written ({error.strerror}): free some space, or set TMPDIR"
            )
            raise StoreError(message) from None

    def facts(self) -> Iterator[Fact]:
        """Yield the facts from the beginning."""
        self._file.seek(0)
        return map(_fact, self._file)


def _row(fact: Fact) -> list[object]:
    match fact:
        case Label(uri, mood):
            return ["label", uri, mood]
        case Verdict(uri, liked, at):
            return ["verdict", uri, liked, at]
        case ImportedPlay(uri, at, to_minute, heard, why):
            return ["play", uri, at, to_minute, heard, why]
        case _:
            assert_never(fact)


def _fact(line: str) -> Fact:
    kind, uri, *rest = json.loads(line)
    if kind == "label":
        return Label(uri, Emotion(rest[0]))
    if kind == "verdict":
        return Verdict(uri, *rest)
    at, to_minute, heard, why = rest
    return ImportedPlay(uri, at, to_minute, heard, EndReason(why))
