"""Who watches over this process: systemd hears how it is, and starts it again where somebody asked for that.

A restart that is asked for ends the process in the same orderly way as a signal does.  It is refused where
nobody would start it again, and within `AGAIN` seconds of the last one, which is kept on the disk: an
automation that asks whenever the speaker comes back cannot keep it from its work.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from moodspeaker.errors import RestartRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.ports import Store
    from moodspeaker.speaker.snapshot import Snapshot

RESTARTED: Final = "restarted"
"""The setting that holds when a restart was last asked for, in seconds since the epoch."""
AGAIN: Final = 300.0
"""Seconds between two restarts."""

_log = logging.getLogger(__name__)


class Supervised:
    """The speaker's link to who started it."""

    def __init__(
        self, notify: Callable[[str], object], restart: Callable[[], None] | None, store: Store
    ) -> None:
        """Take systemd's protocol, and what ends this process to be started again; None: nobody would."""
        self._notify, self._restart, self._store = notify, restart, store
        self._line = ""

    def tell(self, snapshot: Snapshot, refused: str) -> None:
        """Say that the speaker lives, and how it is where that is news; `refused`: why a reload was."""
        camera, player, broker = snapshot.camera.state, snapshot.player.state, snapshot.broker.state
        line = f"mood {snapshot.mood}, camera {camera}, player {player}, broker {broker}"
        line = f"{refused}; {line}" if refused else line
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
        ago = now - float(self._store.get(RESTARTED, "-inf"))
        if 0 <= ago < AGAIN:  # else the clock was set
            message = (
                f"it is not restarted: it was {ago:.0f} s ago: wait for {AGAIN - ago:.0f} s, or run: "
                "sudo systemctl restart moodspeaker"
            )
            raise RestartRefused(message)
        self._store.set(RESTARTED, repr(now))
        _log.info("it is restarted, as asked")
        self._restart()
