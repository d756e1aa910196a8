"""When a record was made, in the rows of a database, although the wall clock may be wrong.

A table of records has three columns: `at` (seconds since the epoch, what the wall clock said), `boot` (which
start of the machine, NULL where that cannot be known) and `monotonic` (seconds of its monotonic clock, which
begins at 0 with the boot and goes on when this program is started again).

Invariants
==========
1. A record of this boot is as old as the monotonic clock says.  When the wall clock is set, from 1970 to
   today or back from the future, it is shown, erased and at last written with the time that is right now.
2. A record of an earlier boot is not younger than this boot.  One that claims to be was written by a clock
   that ran ahead, or the clock of this boot is not set yet: nobody can tell, so for now nothing is lost.  It
   is shown, and grows older, as one made when this boot began.
3. What still claims that `SETTLED` seconds after the boot is taken for a record of this boot's beginning from
   then on, so that after another boot its age goes on, and no record waits for years to be erased.
4. While the clock is not set, nothing that is stored is made worse by it: `at` of an earlier boot stays as
   it is until then.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain.moment import JUMP, Moment, WallClock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BOOT_ID: Final = "/proc/sys/kernel/random/boot_id"
SETTLED: Final = 15 * 60.0
"""Seconds after the boot from which the wall clock is trusted."""
RECENT: Final = 10_000
"""Rows that are looked through at each write; a clock is not wrong for longer."""
_THIS_BOOT: Final = "coalesce(boot = :boot AND monotonic <= :monotonic, 0)"
_FUTURE: Final = f"(at > CASE WHEN boot <> :boot THEN :started ELSE :wall END + {JUMP})"
"""Whether a record, not known to be of this boot, is younger than it can be."""
_JUMPED: Final = f"(abs(monotonic + :started - at) >= {JUMP})"
TIME: Final = (
    f"CASE WHEN {_THIS_BOOT} THEN CASE WHEN {_JUMPED} THEN monotonic + :started ELSE at END "
    f"WHEN {_FUTURE} THEN :started ELSE at END"
)
"""SQL: when a row was made, in seconds since the epoch; wants `Timestamps.parameters`."""


class Timestamps:
    """Both clocks and the boot, as rows need them.  `boot` is None where it is not known."""

    def __init__(self, now: Callable[[], Moment], boot: str | None) -> None:
        self._now, self.boot = now, boot
        self._clock = WallClock(now())

    def now(self) -> Moment:
        """Return this instant."""
        now = self._now()
        self._clock.read(now)
        return now

    def wall(self, at: Moment) -> float:
        """Return when a moment of this boot was, in seconds since the epoch, as the clock is set now."""
        self.now()
        return self._clock.wall(at)

    def moment(self, wall: float) -> Moment:
        """Return a stored time on both clocks: before this boot the monotonic one is negative."""
        now = self.now()
        return Moment(now.monotonic - (now.wall - wall), wall)

    def columns(self, at: Moment) -> tuple[float, str | None, float]:
        """Return the columns `at`, `boot`, `monotonic` of a record."""
        return (self.wall(at), self.boot, at.monotonic)

    def parameters(self) -> dict[str, Any]:
        """Return the values that `TIME` and `corrections` name."""
        now = self.now()
        return {
            "boot": self.boot,
            "monotonic": now.monotonic,
            "wall": now.wall,
            "started": now.wall - now.monotonic,
        }

    def corrections(self, table: str) -> Sequence[str]:
        """Return the statements that write the right times into the last `RECENT` rows of a table."""
        changes = {"at = monotonic + :started": f"{_THIS_BOOT} AND {_JUMPED}"}
        if self.now().monotonic >= SETTLED:
            changes["at = :started, boot = :boot, monotonic = 0"] = f"NOT {_THIS_BOOT} AND {_FUTURE}"
        recent = f"id > (SELECT max(id) FROM {table}) - {RECENT}"  # noqa: S608 - our own table
        return [
            f"UPDATE {table} SET {change} WHERE {recent} AND {wrong}"  # noqa: S608 - our own table
            for change, wrong in changes.items()
        ]


def this_instant() -> Moment:
    """Return this instant on both clocks of the machine."""
    return Moment(time.monotonic(), time.time())


def boot_id() -> str | None:
    """Return what names this start of the machine, or None where the system does not say."""
    try:
        with open(BOOT_ID, encoding="ascii") as file:
            return file.read().strip() or None
    except (OSError, ValueError):
        return None
