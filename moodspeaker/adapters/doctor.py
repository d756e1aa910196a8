"""The doctor, as a process of its own: `moodspeaker doctor --json --only PART`.

It knows the causes and cures; what it imports and blocks is no matter of the daemon's then.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.adapters.child import finished
from moodspeaker.errors import DoctorError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST: Final = 40.0
"""Seconds that one part may take, a server that does not answer included."""
PARTS: Final = ("camera", "player", "sound", "broker", "disk")
"""What it can be asked for."""


class DoctorProcess:
    """Starts the doctor, one at a time."""

    def __init__(self, argv: Sequence[str]) -> None:
        """Take the words that start it, without `--json` and `--only`."""
        self._argv = argv
        self._turn = asyncio.Lock()

    async def examine(self, part: str) -> Sequence[Mapping[str, str]]:
        """Return what it finds in one of PARTS: {"name", "verdict", "message"}; raise DoctorError."""
        async with self._turn:
            try:
                _, said = await finished((*self._argv, "--json", "--only", part), LONGEST)
            except TimeoutError:
                message = f"the doctor did not come to an end within {LONGEST:g} s: moodspeaker doctor"
                raise DoctorError(message) from None
            except OSError as error:
                message = f"the doctor cannot be started: {error.strerror or error}"
                raise DoctorError(message) from None
        return _checks(said)


def _checks(said: bytes) -> Sequence[Mapping[str, str]]:
    try:
        answer: dict[str, Any] = json.loads(said)
        return [dict(check) for check in answer["checks"]]
    except (ValueError, KeyError, TypeError):
        message = "the doctor says nothing: moodspeaker doctor tells why"
        raise DoctorError(message) from None
