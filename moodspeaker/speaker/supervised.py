"""Who watches over this process: systemd hears how it is, and starts it again where somebody asked for that.

A restart that is asked for ends the process in the same orderly way as a signal does.  It is refused where
nobody would start it again, within `AGAIN` seconds of the last one, and after `MOST` of them in a day, all of
which is kept on the disk: an automation that asks whenever the speaker comes back, or every minute, cannot
keep it from its work.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Final

from moodspeaker.errors import RestartRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.ports import Store
    from moodspeaker.speaker.snapshot import Snapshot

RESTARTED: Final = "restarted"
"""The setting that holds when restarts were asked for, in seconds since the epoch, as a JSON list."""
AGAIN: Final = 300.0
"""Seconds between two restarts."""
MOST: Final = 5
"""Restarts in a day."""
DAY: Final = 86_400.0
LIFE: Final = 5.0
"""Seconds between two signs of life, as vision's: each wakes systemd, whose watchdogs wait for 30."""
CURE: Final = "sudo systemctl restart moodspeaker"

_log = logging.getLogger(__name__)


class Supervised:
    """The speaker's link to who started it."""

    def __init__(
        self, notify: Callable[[str], object], restart: Callable[[], None] | None, store: Store
    ) -> None:
        """Take systemd's protocol, and what ends this process to be started again; None: nobody would."""
        self._notify, self._restart, self._store = notify, restart, store
        self._line, self._told_at = "", float("-inf")

    def tell(self, snapshot: Snapshot, refused: str, now: float) -> None:
        """Say that the speaker lives, and how it is where that is news; `refused`: why a reload was.

        `now` is in monotonic seconds.
        """
        camera, player, broker = snapshot.camera.state, snapshot.player.state, snapshot.broker.state
        line = f"mood {snapshot.mood}, camera {camera}, player {player}, broker {broker}"
        line = f"{refused}; {line}" if refused else line
        if line == self._line and now - self._told_at < LIFE:
            return
        self._told_at = now
        words = ["WATCHDOG=1"]
        if line != self._line:
            self._line = line
            words.append(f"STATUS={line}")
        self._notify("\n".join(words))

    def tell_again(self) -> None:
        """Say how the speaker is with the next word, news or not: somebody else has said something."""
        self._line = ""

    def restart(self, now: float) -> None:
        """Begin to end, to be started again; `now` is in seconds since the epoch.

        Raises RestartRefused, and StoreError where it cannot be noted.
        """
        if self._restart is None:
            message = "it is not restarted: no service started it that would start it again: do it yourself"
            raise RestartRefused(message)
        ago = [now - at for at in json.loads(self._store.get(RESTARTED, "[]"))]
        ago = [seconds for seconds in ago if 0 <= seconds < DAY]  # others were before the clock was set
        wait, last = AGAIN - min(ago, default=AGAIN), f"{min(ago, default=0.0):.0f} s ago"
        if len(ago) >= MOST:
            wait, last = DAY - sorted(ago)[MOST - 1], f"{len(ago)} times in a day"
        if wait > 0:
            message = f"it is not restarted: it was {last}: wait for {wait:.0f} s, or run: {CURE}"
            raise RestartRefused(message)
        self._store.set(RESTARTED, json.dumps([now, *(now - seconds for seconds in ago)]))
        _log.info("it is restarted, as asked")
        self._restart()
