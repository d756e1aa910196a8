"""The entries of a JSON file of any size, one after another.

Only one entry is held at a time, `LONGEST` characters of it at most.  JSON that breaks off or is damaged
gives the entries before the damage, then raises Broken.
"""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.library.imports.text import encoding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

LONGEST: Final = 8 << 20
"""Characters of one entry: a listen has 2,000, a playlist of 10,000 songs 4 million."""
CHUNK: Final = 1 << 16
"""Bytes that are read at once, at least."""
_SPACE: Final = " \t\r\n"


class Broken(Exception):  # noqa: N818 - a state of the file
    """The JSON breaks off or is damaged here; its text says why."""


class Reader:
    """Reads JSON values out of a file, from its beginning."""

    def __init__(self, file: BinaryIO) -> None:
        head = file.read(4)
        file.seek(0)
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding(head))("replace")
        self._json = json.JSONDecoder()
        self._text = ""
        self._place = 0
        self._ended = False

    def entries(self) -> Iterator[Any]:
        """Yield the entries of the array that stands here; raise Broken where they end too early."""
        self._expect("[")
        if self._next() == "]":
            self._place += 1
            return
        while True:
            yield self.value()
            if self._next() == "]":
                self._place += 1
                return
            self._expect(",")

    def keys(self) -> Iterator[str]:
        """Yield the keys of the object that stands here; each one's value is to be read before the next."""
        self._expect("{")
        if self._next() == "}":
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                message = "a key is no text"
                raise Broken(message)
            self._expect(":")
            yield key
            if self._next() == "}":
                return
            self._expect(",")

    def at_array(self) -> bool:
        """Tell whether an array stands here."""
        return self._next() == "["

    def value(self) -> Any:  # noqa: ANN401 - JSON
        """Return the value that stands here; raise Broken where it is damaged or too long."""
        self._next()
        while True:
            try:
                found, end = self._json.raw_decode(self._text, self._place)
            except RecursionError:
                message = "it is nested too deep"
                raise Broken(message) from None
            except ValueError as error:
                if self._ended:
                    reason = "a number without an end"
                    if isinstance(error, json.JSONDecodeError):
                        reason = error.msg
                    message = f"it breaks off or is damaged: {reason}"
                    raise Broken(message) from None
            else:
                if end < len(self._text) or self._ended:  # a number may go on
                    self._place = end
                    return found
            if len(self._text) - self._place > LONGEST:
                message = f"an entry is damaged, or longer than {LONGEST >> 20} million characters"
                raise Broken(message)
            self._read()

    def _next(self) -> str:
        """Return the next character that is no space; empty at the end."""
        while True:
            while self._place < len(self._text):
                if self._text[self._place] not in _SPACE:
                    return self._text[self._place]
                self._place += 1
            if self._ended:
                return ""
            self._read()

    def _expect(self, sign: str) -> None:
        found = self._next()
        if found != sign:
            message = f"{sign} is missing" if found else "it breaks off"
            raise Broken(message)
        self._place += 1

    def _read(self) -> None:
        """Read on, as much as is held already: an entry is then decoded few times, however long it is."""
        kept = self._text[self._place :]
        content = self._file.read(max(CHUNK, len(kept)))
        self._ended = not content
        self._text = kept + self._decoder.decode(content, final=self._ended)
        self._place = 0
