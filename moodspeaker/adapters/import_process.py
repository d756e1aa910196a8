"""`moodspeaker import`, as a process of its own: to look songs up it holds the whole library in memory.

One at a time.  What it prints goes to a file: a listening history has a row for every play.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.adapters.child import finished
from moodspeaker.errors import MoodspeakerError
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

LONGEST: Final = 900.0
"""Seconds that an import may take: a listening history of many years on a small machine."""
ROWS: Final = 200
"""Rows of a report that are told one by one."""
FOUND: Final = b'"status": "match"'
"""In each row whose song was found."""
NAMED: Final = b'"reason": '
"""In each row of which there is something to be said."""
SUMMARY: Final = b'"summary": '
"""In the last line of a file."""


class FileRefused(MoodspeakerError):  # noqa: N818 - a state of the file
    """A file cannot be imported at all."""


class ImportFailed(MoodspeakerError):  # noqa: N818 - what happened
    """An import did not come to its end; nothing was kept of the file."""


class ImportBusy(MoodspeakerError):  # noqa: N818 - a state
    """Another import is at work."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file."""

    summary: Mapping[str, Any]
    """As `moodspeaker import --json` prints it."""
    rows: Sequence[Mapping[str, str]]
    """The first rows of which there is something to be said, in its words."""
    more: int
    """Such rows that are left out."""


class ImportProcess:
    """Starts imports, one at a time."""

    def __init__(self, argv: Sequence[str]) -> None:
        """Take the words that start it, without `--json` and what follows."""
        self._argv = argv
        self._busy = False

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Keep others from importing until it ends, from before a file is taken; raise ImportBusy."""
        if self._busy:
            message = "another file is being imported: wait for its end"
            raise ImportBusy(message)
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    async def run(self, file: Path, mood: str, *, dry_run: bool) -> ImportReport:
        """Import a file, within a `turn`, and return what became of it.

        What is printed goes to the folder above the file's own, which no name of a file can be that of.

        `mood` is the one of songs of which the file tells none; empty: they have none.
        Raises FileRefused or ImportFailed.
        """
        options = ["--json", *(["--dry-run"] if dry_run else []), *(["--mood", mood] if mood else [])]
        said, faults = file.parent.parent / "said", file.parent.parent / "faults"
        code = await self._finished((*self._argv, *options, str(file)), said, faults)
        return await asyncio.to_thread(_report, code, said, faults)

    async def _finished(self, argv: Sequence[str], said: Path, faults: Path) -> int:
        """Return the exit code of a command, whose output goes to files."""
        with said.open("wb") as out, faults.open("wb") as errors:
            try:
                code, _ = await finished(argv, LONGEST, out=out, errors=errors)
            except TimeoutError:
                message = f"the import did not come to its end within {LONGEST:g} s: try moodspeaker import"
                raise ImportFailed(message) from None
            except OSError as error:
                message = f"the import cannot be started: {error.strerror or error}"
                raise ImportFailed(message) from None
        return code


def _report(code: int, said: Path, faults: Path) -> ImportReport:
    """Read what a command printed; raise FileRefused or ImportFailed."""
    rows: list[Mapping[str, str]] = []
    summary: Mapping[str, Any] | None = None
    noted = 0
    with said.open("rb") as lines:
        for line in lines:
            if SUMMARY in line:
                summary = json.loads(line)["summary"]
            elif FOUND not in line or NAMED in line:
                noted += 1
                if len(rows) < ROWS:
                    rows.append({name: str(value) for name, value in json.loads(line).items()})
    if summary is None:
        raise ImportFailed(_last_line(faults) or f"the import ended with {code}: try moodspeaker import")
    if "refused" in summary:
        raise FileRefused(str(summary["refused"]))
    return ImportReport(summary, rows, noted - len(rows))


def _last_line(faults: Path) -> str:
    """Return what a command said last, without its name in front."""
    lines = faults.read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    return last.removeprefix("moodspeaker: ")
