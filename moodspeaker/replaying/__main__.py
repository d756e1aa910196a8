"""Replays the day that comes in; the speaker starts it (`adapters.replay_process`)."""

from __future__ import annotations

import json
import os
import pickle
import sys
from typing import TYPE_CHECKING, Final

from moodspeaker.replaying.comparing import compared

if TYPE_CHECKING:
    from moodspeaker.director.rehearsal import DayToReplay

NICE: Final = 10
"""Music and looks go first."""


def main() -> None:
    """Read a day (`DayToReplay`, pickled by the speaker that started us), write the answer as JSON."""
    os.nice(NICE)
    asked: DayToReplay = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own parent, over a pipe
    sys.stdout.write(json.dumps(compared(asked)))


main()
