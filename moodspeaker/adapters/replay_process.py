"""The replay of a recorded day, as a process of its own: it computes for a second, and wants NumPy."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.adapters.child import finished
from moodspeaker.errors import MoodspeakerError
from moodspeaker.resources import program

if TYPE_CHECKING:
    from moodspeaker.director.rehearsal import DayToReplay

LONGEST: Final = 100.0
"""Seconds that a day may take on a small machine."""


class ReplayFailed(MoodspeakerError):  # noqa: N818 - what happened
    """A day could not be replayed."""


class ReplayProcess:
    """Replays days, one at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def compared(self, day: DayToReplay) -> dict[str, Any]:
        """Return what became of a day as JSON values (`web.shapes.ReplayAnswer`); raise ReplayFailed."""
        import pickle  # noqa: PLC0415 - asked for now and then

        sent = await asyncio.to_thread(pickle.dumps, day)
        async with self._turn:
            try:
                code, said = await finished((*program()[:-1], "moodspeaker.replaying"), LONGEST, sent=sent)
            except TimeoutError:
                message = f"the day was not replayed within {LONGEST:g} s: try again when less is going on"
                raise ReplayFailed(message) from None
            except OSError as error:
                message = f"the day cannot be replayed: {error.strerror or error}"
                raise ReplayFailed(message) from None
        if code:
            message = "the day cannot be replayed: the speaker's log tells why"
            raise ReplayFailed(message)
        answer: dict[str, Any] = json.loads(said)
        return answer
